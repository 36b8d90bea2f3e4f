// Offers words under an input with `data-suggest` (an address that answers a list of texts for `q`), as a combobox of ARIA 1.2: arrows
// choose, Enter takes, Escape closes. Without scripts the input is an ordinary one and its form does the same.
(() => {
  const PAUSE_MS = 150;
  const attach = (input) => {
    const list = document.createElement("ul");
    list.id = `${input.id}-suggestions`;
    list.className = "suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.suggestLabel);
    list.hidden = true;
    input.after(list);
    input.autocomplete = "off";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    let chosen = -1;
    let asked = 0;
    let timer;
    const choose = (at) => {
      const count = list.children.length;
      chosen = count ? (at + count) % count : -1;
      for (const [index, option] of [...list.children].entries()) option.setAttribute("aria-selected", String(index === chosen));
      if (chosen >= 0) input.setAttribute("aria-activedescendant", list.children[chosen].id);
      else input.removeAttribute("aria-activedescendant");
    };
    const close = () => {
      asked += 1;
      clearTimeout(timer);
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      list.replaceChildren();
      choose(-1);
    };
    const take = (option) => {
      input.value = option.textContent;
      close();
      input.form.requestSubmit();
    };
    const ask = async () => {
      const number = (asked += 1);
      const typed = input.value.trim();
      if (!typed) return close();
      try {
        const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(typed)}`);
        if (!answer.ok || number !== asked) return;
        const words = await answer.json();
        if (number !== asked) return;
        if (!words.length) return close();
        list.replaceChildren(
          ...words.map((word, index) => {
            const option = document.createElement("li");
            option.id = `${list.id}-${index}`;
            option.setAttribute("role", "option");
            option.textContent = word;
            return option;
          }),
        );
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
        chosen = -1;
        input.removeAttribute("aria-activedescendant");
      } catch {
        close();
      }
    };
    input.addEventListener("input", (event) => {
      clearTimeout(timer);
      // Letters that an input method still holds are no word yet, but pinyin is understood.
      if (!event.isComposing || /^[a-z' ]+$/i.test(input.value)) timer = setTimeout(ask, PAUSE_MS);
    });
    input.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      if (event.key === "ArrowDown") choose(chosen + 1);
      else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 + list.children.length : chosen - 1);
      else if (event.key === "Enter" && chosen >= 0) take(list.children[chosen]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) take(option);
    });
    input.addEventListener("blur", close);
    close();
  };
  for (const input of document.querySelectorAll("input[data-suggest]")) attach(input);
})();
