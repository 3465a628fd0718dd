// Walks through Stripe's API with its own client: node stripe.mjs GREETING, a file with the simulator's line of JSON.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import Stripe from 'stripe';

const { address, accounts } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const account = accounts.find(({ gateway }) => gateway === 'stripe');
const { hostname, port } = new URL(address);
const clientOf = (key, more = {}) => new Stripe(key, { host: hostname, port, protocol: 'http', ...more });
const stripe = clientOf(account.secret_key);

const admin = async (method, path, body) => {
  const answer = await fetch(`${address}/admin/${path}`, { method, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, `${method} ${path}: ${await answer.clone().text()}`);
  return answer.json();
};
const refused = async (status, call, more = {}) => {
  const error = await call.then(() => assert.fail(`not refused with ${status}`), (error) => error);
  assert.ok(error instanceof Stripe.errors.StripeError, String(error));
  assert.equal(error.statusCode, status, error.message);
  for (const [name, value] of Object.entries(more)) assert.equal(error[name], value, `${name} of ${error.message}`);
  return error;
};
const moveClock = (seconds) => admin('POST', 'clock', { advance_millis: seconds * 1000 });
const pay = (charge) => admin('POST', `charges/${charge.id}/pay`);
const chargeOf = async (intent) => (await admin('GET', `charges?code=${intent.id}`))[0];
const brl = { amount: 4990, currency: 'brl' };

// Hooks: a receiver that checks Stripe's signature with Stripe's own code.
const events = [];
const receiver = http.createServer((request, response) => {
  let body = '';
  request.on('data', (part) => { body += part; }).on('end', () => {
    try {
      events.push(stripe.webhooks.constructEvent(body, request.headers['stripe-signature'], account.signing_secret));
    } catch (error) {
      events.push({ type: 'wrong', error });
    }
    response.end();
  });
});
await new Promise((listening) => { receiver.listen(0, '127.0.0.1', listening); });
await admin('PATCH', `accounts/${account.id}`, { hooks: { url: `http://127.0.0.1:${receiver.address().port}/` } });
const told = async (type) => {
  for (;;) {
    const found = events.find((event) => event.type === type);
    if (found) return found;
    await new Promise((later) => { setTimeout(later, 10); });
  }
};

// Who am I, and customers with their cards.
const me = await stripe.accounts.retrieveCurrent();
assert.deepEqual([me.id, me.country], [account.id, 'BR']);
const customer = await stripe.customers.create({ name: 'Maria', email: 'maria@example.com', metadata: { code: 'c-1' } });
assert.equal((await stripe.customers.list({ email: 'maria@example.com' })).data[0].id, customer.id);
await stripe.customers.update(customer.id, { phone: '+5511999999999', metadata: { code: '', other: 'x' } });
assert.deepEqual({ ...(await stripe.customers.retrieve(customer.id)).metadata }, { other: 'x' });
const token = await clientOf(account.public_key).tokens.create({
  card: { number: '5555555555554444', exp_month: '12', exp_year: '2035', cvc: '123' },
});
const card = await stripe.paymentMethods.create({ type: 'card', card: { token: token.id } });
assert.equal(card.card.last4, '4444');
await refused(404, stripe.paymentMethods.create({ type: 'card', card: { token: token.id } }));
await stripe.paymentMethods.attach(card.id, { customer: customer.id });
await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: card.id } });
assert.deepEqual((await stripe.customers.listPaymentMethods(customer.id)).data.map(({ id }) => id), [card.id]);

// A card: paid at once, given back in part and in full.
{
  const intent = await stripe.paymentIntents.create({
    ...brl, confirm: true, payment_method: card.id, customer: customer.id, metadata: { effect_id: 'e-1' }, expand: ['latest_charge'],
  });
  assert.deepEqual([intent.status, intent.amount_received, intent.latest_charge.paid], ['succeeded', 4990, true]);
  const part = await stripe.refunds.create({ payment_intent: intent.id, amount: 990, metadata: { effect_id: 'r-1' } });
  assert.deepEqual([part.status, part.amount], ['succeeded', 990]);
  await stripe.refunds.create({ charge: intent.latest_charge.id, reason: 'requested_by_customer' });
  const charge = await stripe.charges.retrieve(intent.latest_charge.id);
  assert.deepEqual([charge.amount_refunded, charge.refunded, charge.status], [4990, true, 'succeeded']);
  await refused(400, stripe.refunds.create({ payment_intent: intent.id }), { code: 'charge_already_refunded' });
  assert.equal((await stripe.refunds.list({ payment_intent: intent.id })).data.length, 2);
  assert.equal((await chargeOf(intent)).given_back, 4990);
  assert.equal((await told('charge.refunded')).data.object.id, charge.id);
  await moveClock(2);
  const found = await stripe.paymentIntents.search({ query: "metadata['effect_id']:'e-1'" });
  assert.deepEqual(found.data.map(({ id }) => id), [intent.id]);
}

// A card that is declined is an error, and the intent asks for another one; held and captured; cancelled.
{
  const declined = { ...brl, confirm: true, payment_method: 'pm_card_chargeDeclinedInsufficientFunds' };
  const error = await refused(402, stripe.paymentIntents.create(declined), {
    type: 'StripeCardError', code: 'card_declined', decline_code: 'insufficient_funds',
  });
  const intent = await stripe.paymentIntents.retrieve(error.payment_intent.id);
  assert.deepEqual([intent.status, intent.last_payment_error.code], ['requires_payment_method', 'card_declined']);
  const again = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' });
  assert.deepEqual([again.status, again.last_payment_error], ['succeeded', null]);
  assert.equal((await stripe.charges.list({ payment_intent: intent.id })).data.length, 2);
  const hold = { ...brl, confirm: true, payment_method: 'pm_card_visa', capture_method: 'manual' };
  const held = await stripe.paymentIntents.create(hold);
  assert.deepEqual([held.status, held.amount_capturable], ['requires_capture', 4990]);
  assert.equal((await stripe.paymentIntents.capture(held.id, { amount_to_capture: 4000 })).amount_received, 4000);
  const voided = await stripe.paymentIntents.create(hold);
  assert.equal((await stripe.paymentIntents.cancel(voided.id, { cancellation_reason: 'abandoned' })).status, 'canceled');
  await refused(400, stripe.paymentIntents.capture(voided.id), { code: 'payment_intent_unexpected_state' });
}

// Pix: shown as a code, paid, run out.
{
  const pix = { ...brl, payment_method_types: ['pix'], payment_method_data: { type: 'pix' } };
  const made = await stripe.paymentIntents.create({ ...pix, payment_method_options: { pix: { expires_after_seconds: 1800 } } });
  assert.equal(made.status, 'requires_confirmation');
  const waiting = await stripe.paymentIntents.confirm(made.id);
  assert.deepEqual([waiting.status, waiting.latest_charge], ['requires_action', null]);
  const code = waiting.next_action.pix_display_qr_code;
  assert.match(code.data, /^000201.*br\.gov\.bcb\.pix.*6304[0-9A-F]{4}$/);
  assert.match(await (await fetch(code.image_url_svg)).text(), /<svg/);
  await pay(await chargeOf(waiting));
  const paid = await stripe.paymentIntents.retrieve(made.id, { expand: ['latest_charge'] });
  assert.deepEqual([paid.status, paid.latest_charge.payment_method_details.type], ['succeeded', 'pix']);
  await stripe.refunds.create({ payment_intent: paid.id });
  const over = await stripe.paymentIntents.create({ ...pix, confirm: true });
  await moveClock(86_401);
  assert.equal((await stripe.paymentIntents.retrieve(over.id)).status, 'requires_payment_method');
}

// Boletos: their line is typed by people; none is given back.
{
  const address_ = { line1: 'Rua A, 10', city: 'São Paulo', state: 'SP', postal_code: '01310100', country: 'BR' };
  const boleto = {
    ...brl, confirm: true, payment_method_types: ['boleto'], payment_method_options: { boleto: { expires_after_days: 2 } },
    payment_method_data: {
      type: 'boleto', boleto: { tax_id: '123.456.789-09' },
      billing_details: { name: 'Maria', email: 'maria@example.com', address: address_ },
    },
  };
  const waiting = await stripe.paymentIntents.create(boleto);
  assert.match(waiting.next_action.boleto_display_details.number, /^\d{5}\.\d{5} /);
  await pay(await chargeOf(waiting));
  assert.equal((await stripe.paymentIntents.retrieve(waiting.id)).status, 'succeeded');
  await refused(400, stripe.refunds.create({ payment_intent: waiting.id }), { code: 'charge_not_refundable' });
  boleto.payment_method_data.boleto = {};
  await refused(400, stripe.paymentIntents.create(boleto), { code: 'parameter_missing' });
}

// Keys of idempotency: the same answer, a 500 too, and nothing for another request.
{
  const options = { idempotencyKey: 'k-1' };
  const first = await stripe.paymentIntents.create(brl, options);
  assert.equal((await stripe.paymentIntents.create(brl, options)).id, first.id);
  await refused(400, stripe.paymentIntents.create({ ...brl, amount: 100 }, options), { type: 'StripeIdempotencyError' });
  await admin('POST', 'faults', { effect: 'error_after', operation: 'charge' });
  const kept = { idempotencyKey: 'k-2', maxNetworkRetries: 0 };
  for (let tries = 0; tries < 2; tries += 1) await refused(500, stripe.paymentIntents.create(brl, kept));
  // The client repeats a call whose connection ended, under the same key.
  await admin('POST', 'faults', { effect: 'drop_after', operation: 'charge' });
  const dropped = await stripe.paymentIntents.create({ ...brl, confirm: true, payment_method: 'pm_card_visa' }, { maxNetworkRetries: 1 });
  assert.equal(dropped.lastResponse.headers['idempotent-replayed'], 'true');
}

// Products, prices and subscriptions: the first period is paid at once, the next when its time has come.
{
  const product = await stripe.products.create({ name: 'Loja' });
  const price = await stripe.prices.create({
    product: product.id, currency: 'brl', unit_amount: 9900, recurring: { interval: 'month' }, lookup_key: 'loja',
  });
  assert.equal((await stripe.prices.list({ lookup_keys: ['loja'] })).data[0].id, price.id);
  const made = await stripe.subscriptions.create({
    customer: customer.id, items: [{ price: price.id, quantity: 2 }], metadata: { tenant: 't-1' }, expand: ['latest_invoice'],
  });
  assert.deepEqual([made.status, made.latest_invoice.status, made.latest_invoice.amount_paid], ['active', 'paid', 19800]);
  await moveClock(32 * 86_400);
  assert.equal((await stripe.invoices.list({ subscription: made.id })).data.length, 2);
  const poor = await stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: customer.id });
  await stripe.subscriptions.update(made.id, { default_payment_method: poor.id });
  await moveClock(31 * 86_400);
  const due = await stripe.subscriptions.retrieve(made.id, { expand: ['latest_invoice'] });
  assert.deepEqual([due.status, due.latest_invoice.status], ['past_due', 'open']);
  await refused(402, stripe.invoices.pay(due.latest_invoice.id));
  assert.equal((await stripe.invoices.pay(due.latest_invoice.id, { payment_method: card.id })).status, 'paid');
  assert.equal((await stripe.subscriptions.retrieve(made.id)).status, 'active');
  const failing = { customer: customer.id, items: [{ price: price.id }], default_payment_method: poor.id };
  assert.equal((await stripe.subscriptions.create(failing)).status, 'incomplete');
  await refused(402, stripe.subscriptions.create({ ...failing, payment_behavior: 'error_if_incomplete' }));
  assert.equal((await stripe.subscriptions.cancel(made.id)).status, 'canceled');
  assert.equal((await stripe.subscriptions.list({ customer: customer.id, status: 'canceled' })).data.length, 1);
}

// Disputes, lists by the client's own walk, and errors.
{
  const disputed = await stripe.paymentIntents.create({ ...brl, confirm: true, payment_method: 'pm_card_createDispute' });
  await moveClock(5);
  const { data: [dispute] } = await stripe.disputes.list({ payment_intent: disputed.id });
  assert.deepEqual([dispute.amount, dispute.status], [4990, 'lost']);
  let walked = 0;
  for await (const event of stripe.events.list({ limit: 7 })) walked += event.object === 'event' ? 1 : 0;
  assert.ok(walked > 30);
  const { data: [paid] } = await stripe.events.list({ type: 'payment_intent.succeeded', limit: 1 });
  assert.equal((await stripe.events.retrieve(paid.id)).data.object.status, 'succeeded');
  await refused(401, clientOf('sk_test_wrong').customers.list(), { type: 'StripeAuthenticationError' });
  await refused(404, stripe.paymentIntents.retrieve('pi_none'), { code: 'resource_missing' });
  await refused(400, stripe.paymentIntents.create({ ...brl, colour: 'red' }), { code: 'parameter_unknown' });
  await refused(400, stripe.paymentIntents.create({ currency: 'brl' }), { code: 'parameter_missing' });
  await admin('POST', 'faults', { effect: 'too_many', retry_after: 1 });
  await refused(429, stripe.customers.list(), { type: 'StripeRateLimitError' });
}

// A forged hook is told by its signature.
await admin('POST', 'hooks/forge', { account: account.id, type: 'payment_intent.succeeded', data: { id: 'pi_forged' }, credentials: 'wrong' });
assert.ok((await told('wrong')).error instanceof Stripe.errors.StripeSignatureVerificationError);
receiver.close();
console.log('Stripe: its client of version 23 has read every answer');
