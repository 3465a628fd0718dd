// The page of a subscription: shown anew once there is something new, and codes that are copied by a button.
(() => {
  "use strict";
  const page = document.querySelector("[data-events]");
  if (page && "EventSource" in window) {
    const source = new EventSource(page.dataset.events);
    source.addEventListener("status", (event) => {
      if (JSON.parse(event.data).state === page.dataset.state) return;
      source.close();
      location.reload();
    });
    // Refused, as where there are too many streams: asked for again in a while. What was only cut off connects by itself.
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
    });
  } else if (page) {
    setTimeout(() => location.reload(), 5000);
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    if (!field || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copiado";
    });
  }
})();
