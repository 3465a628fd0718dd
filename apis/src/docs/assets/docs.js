// Draws the description of this host. The list of operations stays in its place until it is drawn, and where it can't be.
(() => {
  "use strict";
  const list = document.getElementById("plain-list");
  SwaggerUIBundle({
    url: "/openapi.json",
    domNode: document.getElementById("viewer"),
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    // Schemas are shown where they are used.
    defaultModelsExpandDepth: -1,
    // Nothing is sent from here: requests need a token, which belongs into no page.
    supportedSubmitMethods: [],
    // No other host is told what is read here.
    validatorUrl: null,
    onComplete: () => {
      list.hidden = true;
    },
  });
})();
