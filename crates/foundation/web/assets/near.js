// Offers to look around where the reader is. Nothing is asked of the browser before she presses the button; the position goes out rounded
// to about a hundred metres, in the address of the page that she then sees. Without scripts the form stays hidden and she chooses a place.
(() => {
  const form = document.getElementById("locate");
  if (!form || !navigator.geolocation) return;
  const failed = document.getElementById("locate-failed");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    failed.hidden = true;
    const found = ({ coords }) => {
      form.elements.at.value = `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`;
      form.submit();
    };
    const missed = () => {
      failed.hidden = false;
      failed.focus();
    };
    navigator.geolocation.getCurrentPosition(found, missed, { timeout: 10000, maximumAge: 300000 });
  });
})();
