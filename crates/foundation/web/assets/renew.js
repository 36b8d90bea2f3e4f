// Replaces an element with `data-renew` (seconds) by its newer self from the server when its time is over. The reader keeps her
// place and focus, which reloading the page would take from her. Without scripts the page's own link does the same.
(() => {
  const RETRY_SECONDS = 3;
  const wait = (element, seconds) => setTimeout(() => renew(element), seconds * 1000);
  const renew = async (element) => {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok || answer.redirected) return location.reload();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const newer = page.getElementById(element.id);
      if (!newer) return location.reload();
      element.replaceWith(newer);
      wait(newer, Number(newer.dataset.renew));
    } catch {
      element.classList.add("stale");
      wait(element, RETRY_SECONDS);
    }
  };
  for (const element of document.querySelectorAll("[id][data-renew]")) wait(element, Number(element.dataset.renew));
})();
