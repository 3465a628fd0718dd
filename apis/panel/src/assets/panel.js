// What makes the panel's pages handier; all of them work without it. Forms and lists say by attributes what they want.
(() => {
  "use strict";

  // ---- <form data-guard>: what is typed and not sent is not left without a word. "changed": it was typed on the page before.
  const changed = new Set();
  for (const form of document.querySelectorAll("form[data-guard]")) {
    if (form.dataset.guard === "changed") changed.add(form);
    form.addEventListener("input", () => changed.add(form));
    form.addEventListener("submit", () => changed.delete(form));
  }
  addEventListener("beforeunload", (event) => {
    if (changed.size > 0) event.preventDefault();
  });

  // ---- <input type="checkbox" data-check-all="NAME">: ticks all boxes of that name, and shows whether all are.
  for (const all of document.querySelectorAll("input[data-check-all]")) {
    const boxes = [...document.getElementsByName(all.dataset.checkAll)].filter((box) => box.type === "checkbox" && !box.disabled);
    const show = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      show();
    });
    for (const box of boxes) box.addEventListener("change", show);
    show();
  }

  // ---- <code data-copy="WHAT">: its text is copied by a button beside it, where the browser lets pages write to the clipboard.
  for (const code of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button plain slim";
    button.textContent = "Copiar";
    button.setAttribute("aria-label", `Copiar ${code.dataset.copy}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copiado";
      button.setAttribute("aria-label", `Copiado: ${code.dataset.copy}`);
    });
    code.after(button);
  }

  // ---- <ol data-order="NAME">: an item is dragged by its handle, and its form with data-place is sent with the new place, from 1.
  const order = (list) => {
    const items = () => [...list.children];
    let dragged = null;
    let from = -1;
    const send = (item, place) => {
      const form = item.querySelector("form[data-place]");
      if (!form) return;
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = list.dataset.order;
      input.value = String(place);
      form.append(input);
      form.submit();
    };
    for (const item of items()) {
      const handle = document.createElement("span");
      handle.className = "handle";
      handle.textContent = "⠿";
      handle.title = "Arraste para mudar a ordem";
      handle.setAttribute("aria-hidden", "true");
      // Only by the handle: texts in the item are selected as everywhere.
      handle.addEventListener("mousedown", () => (item.draggable = true));
      handle.addEventListener("mouseup", () => (item.draggable = false));
      item.prepend(handle);
      item.addEventListener("dragstart", (event) => {
        if (!item.draggable) return;
        dragged = item;
        from = items().indexOf(item);
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", "");
        item.classList.add("dragged");
      });
      item.addEventListener("dragend", (event) => {
        item.draggable = false;
        item.classList.remove("dragged");
        const to = items().indexOf(item);
        dragged = null;
        if (to === from) return;
        if (event.dataTransfer.dropEffect !== "none") return send(item, to + 1);
        // Let go elsewhere: back to its place.
        const others = items().filter((other) => other !== item);
        list.insertBefore(item, others[from] ?? null);
      });
    }
    list.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      const over = event.target.closest("li");
      if (!over || over === dragged || over.parentElement !== list) return;
      const isBefore = items().indexOf(over) < items().indexOf(dragged);
      if (isBefore) over.before(dragged);
      else over.after(dragged);
    });
    list.addEventListener("drop", (event) => event.preventDefault());
  };
  document.querySelectorAll("ol[data-order]").forEach(order);
})();
