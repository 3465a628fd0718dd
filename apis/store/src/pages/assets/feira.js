// Suggestions under the search box and a gallery that follows its thumbnails. Pages do all their work without this file.
"use strict";

(() => {
  const WAIT_MS = 120; // Long enough to skip the letters between, short enough to feel immediate.
  const SHORTEST = 2; // One letter suggests everything and helps nobody.

  const input = document.querySelector("input[data-suggest]");
  if (input) suggestFor(input);
  const photos = document.querySelector(".photos");
  const thumbs = document.querySelector(".thumbs");
  if (photos && thumbs) followThumbs(photos, [...thumbs.querySelectorAll("a")]);

  /** Makes the search input an ARIA combobox with a list of suggestions. */
  function suggestFor(input) {
    const form = input.form;
    const list = document.createElement("ul");
    const status = document.createElement("p");
    let items = [];
    let active = -1;
    let timer = 0;
    let asking = null;
    let typed = input.value;

    list.id = "sugestoes-da-busca";
    list.className = "suggestions";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Sugestões");
    status.className = "hidden";
    status.setAttribute("role", "status");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    form.append(list, status);

    input.addEventListener("input", () => {
      typed = input.value;
      clearTimeout(timer);
      if (typed.trim().length < SHORTEST) return close();
      timer = setTimeout(ask, WAIT_MS);
    });
    input.addEventListener("keydown", onKey);
    input.addEventListener("focus", () => { if (items.length && typed === input.value) open(); });
    input.addEventListener("blur", close);
    form.addEventListener("submit", close);
    // Pressing on a suggestion must not take the focus from the input, or the list would close before the click.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) take(Number(option.dataset.index));
    });

    async function ask() {
      asking?.abort();
      const own = (asking = new AbortController());
      try {
        const url = input.dataset.suggest + "?q=" + encodeURIComponent(typed.trim());
        const answer = await fetch(url, { signal: own.signal, headers: { Accept: "application/json" } });
        if (!answer.ok) return close();
        const body = await answer.json();
        if (own !== asking || document.activeElement !== input) return;
        show(body.items.slice(0, 8));
      } catch {
        // Aborted by a newer letter, or the network is away: the form itself still works.
        if (own === asking) close();
      }
    }

    function show(found) {
      items = found;
      list.replaceChildren(...items.map(draw));
      status.textContent = items.length === 1 ? "1 sugestão" : items.length + " sugestões";
      if (items.length) open(); else close();
      mark(-1);
    }

    function draw(item, index) {
      const option = document.createElement("li");
      option.id = list.id + "-" + index;
      option.dataset.index = index;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const text = document.createElement("span");
      text.append(...emphasize(item.text, typed.trim()));
      option.append(text);
      if (item.slug) {
        const kind = document.createElement("small");
        kind.textContent = "Produto";
        option.append(kind);
      }
      return option;
    }

    /** The text with the letters already typed in bold; accents and case do not count. */
    function emphasize(text, part) {
      const fold = (s) => [...s].map((c) => c.normalize("NFD")[0].toLowerCase()).join("");
      const at = part ? fold(text).indexOf(fold(part)) : -1;
      if (at < 0) return [text];
      const mark = document.createElement("mark");
      mark.textContent = text.slice(at, at + part.length);
      return [text.slice(0, at), mark, text.slice(at + part.length)];
    }

    function onKey(event) {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!items.length) return;
        event.preventDefault();
        if (list.hidden) open();
        // One place before the first stands for the typed text itself.
        const places = items.length + 1;
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark(((active + 1 + step + places) % places) - 1);
        input.value = active < 0 ? typed : items[active].text;
      } else if (event.key === "Enter" && !list.hidden && active >= 0) {
        event.preventDefault();
        take(active);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        input.value = typed;
        close();
      }
    }

    function mark(index) {
      active = index;
      [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
      if (index < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", list.children[index].id);
      list.children[index].scrollIntoView({ block: "nearest" });
    }

    function take(index) {
      const item = items[index];
      input.value = item.text;
      close();
      if (item.slug) location.assign(input.dataset.product + encodeURIComponent(item.slug));
      else form.requestSubmit();
    }

    function open() {
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    }

    function close() {
      clearTimeout(timer);
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      mark(-1);
    }
  }

  /** A thumbnail slides the gallery without moving the page; the photo in view is marked among the thumbnails. */
  function followThumbs(photos, links) {
    links.forEach((link, index) => link.addEventListener("click", (event) => {
      event.preventDefault();
      photos.scrollTo({ left: photos.clientWidth * index });
    }));
    const markCurrent = () => {
      const current = Math.round(photos.scrollLeft / photos.clientWidth);
      links.forEach((link, index) => {
        if (index === current) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      });
    };
    photos.addEventListener("scroll", markCurrent, { passive: true });
    markCurrent();
  }
})();
