// The form by which somebody subscribes: a card goes from here to the gateway, and only its token into the form; and whether a name is free.
(() => {
  "use strict";
  const form = document.getElementById("assinar");
  if (!form) return;
  const at = (id) => document.getElementById(id);
  const button = form.querySelector("button[type=submit]");
  const word = button.textContent;

  // ---- Is the name free?
  const name = at("subdomain");
  const free = at("subdomain-free");
  const hint = free ? free.textContent : "";
  let asked = 0;
  const look = async () => {
    const text = name.value.trim().toLowerCase();
    const turn = ++asked;
    // Too short to be told about, or the name that the form came with, which may be held for this very form.
    if (text.length < 3 || text === name.defaultValue.trim().toLowerCase()) {
      free.textContent = hint;
      free.className = "quiet";
      return;
    }
    try {
      const answer = await fetch("/assinar/disponivel?nome=" + encodeURIComponent(text), { cache: "no-store" });
      if (!answer.ok) return;
      const said = await answer.json();
      if (turn !== asked) return;
      free.textContent = said.detail;
      free.className = said.free ? "free" : "error";
    } catch {
      // Not known now: it is looked at once the form is sent.
    }
  };
  if (name && free) {
    let wait;
    name.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(look, 300);
    });
  }

  // ---- The card
  const token = form.elements.namedItem("card_token");
  const paysByCard = () => {
    const method = form.querySelector("input[name=method]:checked");
    return Boolean(method) && method.value === "card" && Boolean(at("card-number"));
  };
  const digits = (text) => text.replace(/\D/g, "");

  // ISO/IEC 7812-1, annex B.
  const isNumber = (number) => {
    if (number.length < 13 || number.length > 19) return false;
    let sum = 0;
    for (let place = 0; place < number.length; place++) {
      let digit = Number(number[number.length - 1 - place]);
      if (place % 2 === 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
      sum += digit;
    }
    return sum % 10 === 0;
  };
  const BRANDS = [
    ["amex", /^3[47]/],
    ["elo", /^(4011|4312|4389|5041|5067|5090|6277|6362|6504|6505|6516|6550)/],
    ["hipercard", /^(606282|3841)/],
    ["diners", /^3(0[0-5]|[68])/],
    ["mastercard", /^(5[1-5]|2[2-7])/],
    ["visa", /^4/],
  ];
  const brandOf = (number) => (BRANDS.find(([, begins]) => begins.test(number)) || [""])[0];

  const expiryOf = (text) => {
    const found = /^\s*(\d{1,2})\s*[/ -]?\s*(\d{4}|\d{2})\s*$/.exec(text);
    if (!found) return null;
    const month = Number(found[1]);
    const year = Number(found[2]) + (found[2].length === 2 ? 2000 : 0);
    if (month < 1 || month > 12) return null;
    const now = new Date();
    const over = year < now.getFullYear() || (year === now.getFullYear() && month < now.getMonth() + 1);
    return over ? null : { month, year };
  };

  const say = (id, text) => {
    const field = at(id);
    const error = at(id + "-error");
    error.textContent = text;
    error.hidden = !text;
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    return !text;
  };
  const problem = (text) => {
    const said = at("card-problem");
    said.textContent = text;
    said.hidden = !text;
  };

  // The card that was typed, or nothing, with what is wrong beside each field; nothing is sent until all of it is right.
  const typedCard = () => {
    const number = digits(at("card-number").value);
    const brand = brandOf(number);
    const holder = at("card-holder").value.trim();
    const expiry = expiryOf(at("card-expiry").value);
    const cvv = at("card-cvv").value.trim();
    const codeLength = brand === "amex" ? 4 : 3;
    const checks = [
      ["card-number", isNumber(number) ? "" : "Confira o número do cartão."],
      ["card-holder", holder.length >= 2 ? "" : "Escreva o nome como está no cartão."],
      ["card-expiry", expiry ? "" : "Confira a validade: mês e ano, como 12/30."],
      ["card-cvv", /^\d+$/.test(cvv) && (cvv.length === codeLength || (!brand && cvv.length === 4)) ? "" : "O código tem " + codeLength + " números."],
    ];
    const wrong = checks.filter(([id, text]) => !say(id, text));
    if (wrong.length > 0) {
      at(wrong[0][0]).focus();
      return null;
    }
    return { number, holder, expiry, cvv };
  };

  // A gateway that does not answer is given up; older browsers wait.
  const patience = () => (AbortSignal.timeout ? { signal: AbortSignal.timeout(20000) } : {});
  const ofPagarme = (card) =>
    fetch(form.dataset.tokens, {
      ...patience(),
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        type: "card",
        card: {
          number: card.number,
          holder_name: card.holder,
          exp_month: card.expiry.month,
          exp_year: card.expiry.year,
          cvv: card.cvv,
        },
      }),
    });
  const ofStripe = (card) => {
    const body = new URLSearchParams();
    body.set("type", "card");
    body.set("card[number]", card.number);
    body.set("card[exp_month]", String(card.expiry.month));
    body.set("card[exp_year]", String(card.expiry.year));
    body.set("card[cvc]", card.cvv);
    body.set("billing_details[name]", card.holder);
    return fetch(form.dataset.tokens, {
      ...patience(),
      method: "POST",
      headers: { authorization: "Bearer " + form.dataset.key },
      body,
    });
  };

  // What gateways answer where the card itself is to blame; all else is theirs, or ours.
  const REFUSALS = [400, 402, 422];
  const busy = (is) => {
    button.disabled = is;
    button.textContent = is ? "Enviando…" : word;
  };

  const sendCard = async () => {
    const card = typedCard();
    if (!card) return;
    busy(true);
    problem("");
    try {
      const answer = await (form.dataset.gateway === "stripe" ? ofStripe(card) : ofPagarme(card));
      const made = answer.ok ? await answer.json() : {};
      if (made.id) {
        token.value = made.id;
        form.submit();
        return;
      }
      if (REFUSALS.includes(answer.status)) {
        say("card-number", "O gateway não aceitou este cartão. Confira os dados, ou use outro.");
        at("card-number").focus();
      } else {
        problem("O gateway de pagamento não respondeu como devia. Tente de novo em instantes, ou pague de outro jeito; nada foi cobrado.");
      }
    } catch {
      problem("Não conseguimos falar com o gateway de pagamento. Confira sua conexão e tente de novo; nada foi cobrado.");
    }
    busy(false);
  };

  form.addEventListener("submit", (event) => {
    if (button.disabled) {
      event.preventDefault();
      return;
    }
    if (token) token.value = "";
    if (paysByCard()) {
      event.preventDefault();
      sendCard();
      return;
    }
    busy(true);
  });

  // Back by the browser's button: the page is as it was left, and may be sent once more.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) busy(false);
  });
})();
