// The page of a subscription: shown anew once there is something new, and codes that are copied by a button.
(() => {
  "use strict";
  // A page that has shown itself anew is read from its heading on, unless a field asks to be looked at first.
  const ANEW = "feira-shown-anew";
  const again = () => {
    try {
      sessionStorage.setItem(ANEW, location.pathname);
    } catch {
      // Where nothing may be kept the page begins at its top.
    }
    location.reload();
  };
  try {
    const isAnew = sessionStorage.getItem(ANEW) === location.pathname;
    sessionStorage.removeItem(ANEW);
    const heading = document.querySelector("h1");
    if (isAnew && heading && !document.querySelector("[autofocus]")) {
      heading.tabIndex = -1;
      heading.focus();
    }
  } catch {
    // As above.
  }
  const page = document.querySelector("[data-events]");
  // What is being typed stays: that there is something new is said above the form.
  const form = document.getElementById("assinar");
  const news = document.getElementById("mudou");
  const shown = () => {
    if (!form) again();
    else if (news) news.hidden = false;
  };
  if (page && "EventSource" in window) {
    const source = new EventSource(page.dataset.events);
    source.addEventListener("status", (event) => {
      if (JSON.parse(event.data).state === page.dataset.state) return;
      source.close();
      shown();
    });
    // Refused, as where there are too many streams: asked for again in a while, unless somebody is typing. What was only cut off connects by itself.
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED && !form) setTimeout(again, 5000);
    });
  } else if (page && !form) {
    setTimeout(again, 5000);
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
