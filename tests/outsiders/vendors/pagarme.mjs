// Walks through pagar.me's API with its own client: node pagarme.mjs GREETING, a file with the simulator's line of JSON.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import {
  ChargesController, Client, CustomersController, CustomError, InvoicesController, OrdersController, PlansController,
  SubscriptionsController, TokensController,
} from '@pagarme/pagarme-nodejs-sdk';

const { address, accounts } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const account = accounts.find(({ gateway }) => gateway === 'pagarme');
const { hostname, port } = new URL(address);

// The client knows one address, https://api.pagar.me: its own option for agents leads there by a plain connection to the simulator.
class ToSimulator extends http.Agent {
  get protocol() { return 'https:'; }
  set protocol(_) { /* Node's own agents write it once. */ }
  createConnection() { return net.connect(Number(port), hostname); }
}

const clientOf = (key) => new Client({
  basicAuthCredentials: { username: key, password: '' },
  httpClientOptions: { timeout: 20_000, httpsAgent: new ToSimulator() },
});
const client = clientOf(account.secret_key);
const orders = new OrdersController(client);
const charges = new ChargesController(client);
const tokens = new TokensController(client);
const customers = new CustomersController(client);
const plans = new PlansController(client);
const subscriptions = new SubscriptionsController(client);
const invoices = new InvoicesController(client);

const admin = async (method, path, body) => {
  const answer = await fetch(`${address}/admin/${path}`, { method, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, `${method} ${path}: ${await answer.clone().text()}`);
  return answer.json();
};
const refused = async (status, call, path) => {
  const error = await call.then(() => assert.fail(`not refused with ${status}`), (error) => error);
  assert.ok(error instanceof CustomError, String(error));
  assert.equal(error.statusCode, status, error.body);
  const body = JSON.parse(error.body);
  assert.ok(body.message.length > 0);
  if (path) assert.ok(body.errors[path]?.length > 0, `${path} is not among ${Object.keys(body.errors)}`);
};
const moveClock = (seconds) => admin('POST', 'clock', { advance_millis: seconds * 1000 });

const street = {
  street: 'Rua das Flores', number: '10', zipCode: '01310100', neighborhood: 'Centro', city: 'São Paulo', state: 'SP',
  country: 'BR', complement: '', line1: '10, Rua das Flores, Centro', line2: '',
};
const customer = {
  name: 'Maria da Silva', email: 'maria@example.com', document: '12345678909', type: 'individual', documentType: 'CPF',
  code: 'c-1', address: street, metadata: { origin: 'vendors' },
  phones: { mobilePhone: { countryCode: '55', areaCode: '11', number: '999999999' } },
};
let orderNumber = 0;
const order = (payment, amount = 4990) => ({
  code: `order-${++orderNumber}`, closed: true, customer, payments: [payment], metadata: { effect: 'e-1' },
  items: [{ amount, description: 'Caderno', quantity: 1, category: 'papelaria', code: 'sku-1' }],
  shipping: {
    amount: 1000, description: 'Entrega', recipientName: 'Maria', recipientPhone: '11999999999', addressId: '',
    address: street, type: 'standard',
  },
});
const pix = { paymentMethod: 'pix', pix: { expiresIn: 1800, additionalInformation: [{ name: 'Loja', value: 'Moda' }] } };
const boleto = {
  paymentMethod: 'boleto',
  boleto: {
    retries: 1, instructions: 'Não receber após o vencimento', documentNumber: '123', statementDescriptor: 'MODA',
    dueAt: new Date(Date.now() + 2 * 86_400_000).toISOString(), billingAddress: street,
  },
};
const tokenOf = async (number) => {
  const { result } = await tokens.createToken(account.public_key, {
    type: 'card',
    card: { number, holderName: 'MARIA DA SILVA', expMonth: 12, expYear: 2035, cvv: '123', brand: 'visa', label: 'minha' },
  });
  assert.match(result.id, /^token_\w{16}$/);
  assert.equal(result.card.lastFourDigits, number.slice(-4));
  return result.id;
};
const card = async (number, more = {}) => ({
  paymentMethod: 'credit_card',
  creditCard: { installments: 2, statementDescriptor: 'MODA', cardToken: await tokenOf(number), card: { billingAddress: street }, ...more },
});

// Pix: made, paid, given back in part and in full.
{
  const { result: made } = await orders.createOrder(order(pix));
  assert.match(made.id, /^or_\w{16}$/);
  assert.deepEqual([made.status, made.amount, made.closed], ['pending', 5990, true]);
  const [charge] = made.charges;
  assert.equal(charge.status, 'pending');
  assert.equal(charge.lastTransaction.transactionType, 'pix');
  assert.equal(charge.lastTransaction.status, 'waiting_payment');
  assert.match(charge.lastTransaction.qrCode, /^000201.*br\.gov\.bcb\.pix.*6304[0-9A-F]{4}$/);
  const picture = await fetch(charge.lastTransaction.qrCodeUrl);
  assert.match(await picture.text(), /<svg/);
  await admin('POST', `charges/${charge.id}/pay`);
  const { result: paid } = await charges.getCharge(charge.id);
  assert.deepEqual([paid.status, paid.paidAmount, paid.order.id, paid.customer.name], ['paid', 5990, made.id, customer.name]);
  assert.match(paid.lastTransaction.endToEndId, /^E\w{31}$/);
  assert.equal(paid.lastTransaction.payer.document, '***123456**');
  const reference = { operationReference: 'r-1' };
  const { result: part } = await charges.cancelCharge(charge.id, { ...reference, amount: 990 });
  assert.deepEqual([part.status, part.canceledAmount], ['paid', 990]);
  const { result: whole } = await charges.cancelCharge(charge.id, reference);
  assert.deepEqual([whole.status, whole.canceledAmount], ['canceled', 5990]);
  assert.ok(whole.canceledAt);
  assert.equal((await orders.getOrder(made.id)).result.status, 'canceled');
  await refused(412, charges.cancelCharge(charge.id, reference));
  const [truth] = await admin('GET', `charges?code=${made.code}`);
  assert.deepEqual([truth.received, truth.given_back], [5990, 5990]);
}

// Boleto: its line is formatted, its barcode an address; given back with bank data alone.
{
  const { result: made } = await orders.createOrder(order(boleto));
  const [charge] = made.charges;
  assert.equal(charge.lastTransaction.status, 'generated');
  assert.match(charge.lastTransaction.line, /^\d{5}\.\d{5} \d{5}\.\d{6} \d{5}\.\d{6} \d \d{14}$/);
  assert.match(charge.lastTransaction.barcode, /^http:/);
  await admin('POST', `charges/${charge.id}/pay`);
  const { result: paid } = await charges.getCharge(charge.id);
  assert.deepEqual([paid.status, paid.lastTransaction.paidAmount], ['paid', '5990']);
  await refused(412, charges.cancelCharge(charge.id, { operationReference: 'r-2' }));
  const bankAccount = {
    holderName: customer.name, holderType: 'individual', holderDocument: customer.document, bank: '341',
    branchNumber: '1', branchCheckDigit: '0', accountNumber: '12345', accountCheckDigit: '6', type: 'checking',
  };
  const { result: whole } = await charges.cancelCharge(charge.id, { operationReference: 'r-2', bankAccount });
  assert.equal(whole.status, 'canceled');
  const { result: second } = await orders.createOrder(order(boleto));
  const dueAt = '2035-01-02T23:59:59-03:00';
  const { result: later } = await charges.updateChargeDueDate(second.charges[0].id, { dueAt });
  assert.equal(later.dueAt, '2035-01-03T02:59:59Z');
}

// Cards by token: approved, refused with HTTP 200, retried with another one, authorized and captured, cancelled.
{
  const { result: made } = await orders.createOrder(order(await card('4000000000000010')));
  assert.deepEqual([made.status, made.charges[0].lastTransaction.status], ['paid', 'captured']);
  assert.equal(made.charges[0].lastTransaction.card.lastFourDigits, '0010');
  assert.equal(made.charges[0].lastTransaction.installments, 2);
  const answered = await orders.createOrder(order(await card('4000000000000028')));
  assert.equal(answered.statusCode, 200);
  const [charge] = answered.result.charges;
  assert.deepEqual([answered.result.status, charge.status, charge.lastTransaction.success], ['failed', 'failed', false]);
  assert.ok(charge.lastTransaction.acquirerMessage.length > 0);
  const kept = await customers.createCard(answered.result.customer.id, {
    number: '5555555555554444', holderName: 'MARIA', expMonth: 1, expYear: 2034, cvv: '123', billingAddress: street,
  });
  await charges.updateChargeCard(charge.id, { updateSubscription: false, cardId: kept.result.id, recurrence: false, card: {} });
  const { result: retried } = await charges.retryCharge(charge.id);
  assert.deepEqual([retried.status, retried.lastTransaction.card.brand], ['paid', 'mastercard']);
  const { result: attempts } = await charges.getChargeTransactions(charge.id);
  assert.deepEqual(attempts.data.map(({ success }) => success), [true, false]);
  const { result: held } = await orders.createOrder(order(await card('4000000000000010', { capture: false })));
  assert.deepEqual([held.status, held.charges[0].lastTransaction.status], ['pending', 'authorized_pending_capture']);
  const { result: captured } = await charges.captureCharge(held.charges[0].id, { code: held.code, operationReference: 'c-1' });
  assert.deepEqual([captured.status, captured.paidAmount], ['paid', 5990]);
  const { result: voided } = await orders.createOrder(order(pix));
  assert.equal((await charges.cancelCharge(voided.charges[0].id)).result.status, 'canceled');
}

// A token serves once and lives for 60 s; a key of idempotency answers the same order again.
{
  const spent = await card('4000000000000010');
  const { result: first } = await orders.createOrder(order(spent), 'key-1');
  orderNumber -= 1;
  assert.equal((await orders.createOrder(order(spent), 'key-1')).result.id, first.id);
  await refused(404, orders.createOrder(order(spent)));
  const old = await card('4000000000000010');
  await moveClock(61);
  await refused(404, orders.createOrder(order(old)));
}

// Lists: pages, and what they are asked for.
{
  await moveClock(2);
  const { result: page } = await orders.getOrders(1, 2);
  assert.equal(page.data.length, 2);
  assert.ok(page.paging.total > 4 && page.paging.next.includes('page=2') && page.paging.previous == null);
  const { result: second } = await orders.getOrders(2, 2);
  assert.ok(second.paging.previous.includes('page=1') && second.data[0].id !== page.data[0].id);
  const { result: one } = await orders.getOrders(undefined, undefined, page.data[1].code);
  assert.deepEqual(one.data.map(({ id }) => id), [page.data[1].id]);
  const { result: refunded } = await charges.getCharges(1, 100, undefined, 'canceled', 'pix');
  assert.ok(refunded.data.length > 0 && refunded.data.every(({ status }) => status === 'canceled'));
  const none = await charges.getCharges(1, 10, undefined, undefined, undefined, undefined, undefined, '2099-01-01T00:00:00Z');
  assert.deepEqual(none.result.data, []);
  assert.equal((await customers.getCustomers(undefined, undefined, 1, 10, customer.email)).result.data.length, 1);
}

// Plans and subscriptions: the first cycle is billed at once, the next when its time has come.
{
  const item = { name: 'Plano', description: 'Mensal', id: 'i-1', quantity: 1, pricingScheme: { schemeType: 'unit', price: 9900 } };
  const { result: plan } = await plans.createPlan({
    name: 'Loja', description: 'Mensal', statementDescriptor: 'FEIRA', items: [item], shippable: false,
    paymentMethods: ['credit_card', 'boleto'], installments: [1], currency: 'BRL', interval: 'month', intervalCount: 1,
    billingDays: [], billingType: 'prepaid', pricingScheme: item.pricingScheme, metadata: { plan: 'p-1' },
  });
  assert.equal((await plans.getPlans(1, 10, 'Loja')).result.data[0].id, plan.id);
  const extra = await plans.createPlanItem(plan.id, { ...item, name: 'Extra', pricingScheme: { schemeType: 'unit', price: 100 } });
  await plans.deletePlanItem(plan.id, extra.result.id);
  const subscription = {
    customer, code: 's-1', paymentMethod: 'credit_card', billingType: 'prepaid', statementDescriptor: 'FEIRA', description: 'x',
    currency: 'BRL', interval: 'month', intervalCount: 1, pricingScheme: item.pricingScheme, discounts: [], increments: [],
    card: { billingAddress: street }, shipping: order(pix).shipping, metadata: { tenant: 't-1' }, planId: plan.id,
    items: [{ ...item, planItemId: plan.items[0].id, discounts: [] }],
  };
  const begin = async (number) =>
    (await subscriptions.createSubscription({ ...subscription, cardToken: await tokenOf(number) })).result;
  const made = await begin('4000000000000010');
  assert.deepEqual([made.status, made.currentCycle.cycle, made.paymentMethod], ['active', 1, 'credit_card']);
  assert.equal((await begin('4000000000000028')).status, 'failed');
  const invoicesOf = async (id) => {
    await moveClock(2);
    return (await invoices.getInvoices(1, 10, undefined, undefined, id)).result.data;
  };
  const [first] = await invoicesOf(made.id);
  assert.deepEqual([first.status, first.amount, first.charge.status, first.cycle.cycle], ['paid', 9900, 'paid', 1]);
  await moveClock(32 * 86_400);
  assert.equal((await subscriptions.getSubscription(made.id)).result.currentCycle.cycle, 2);
  assert.equal((await invoicesOf(made.id)).length, 2);
  await subscriptions.updateSubscriptionCard(made.id, {
    cardId: '', card: { number: '4000000000000093', holderName: 'M', expMonth: 1, expYear: 2035, cvv: '123', billingAddress: street },
  });
  const { result: third } = await subscriptions.renewSubscription(made.id);
  assert.equal(third.cycle, 3);
  const [failed] = await invoicesOf(made.id);
  assert.equal(failed.status, 'failed');
  const { result: again } = await invoices.createInvoice(made.id, third.id, { metadata: {} });
  assert.equal(again.status, 'failed');
  assert.equal((await invoices.cancelInvoice(again.id)).result.status, 'canceled');
  assert.equal((await subscriptions.getSubscriptionCycles(made.id, '1', '10')).result.data.length, 3);
  assert.equal((await subscriptions.cancelSubscription(made.id)).result.status, 'canceled');
  await refused(412, subscriptions.cancelSubscription(made.id));
  assert.equal((await plans.deletePlan(plan.id)).result.status, 'deleted');
}

// Errors: 401, 404, 412 and 422, each told apart by the client.
{
  await refused(401, new OrdersController(clientOf('sk_test_wrong')).getOrders());
  await refused(401, tokens.createToken('pk_test_wrong', {
    type: 'card',
    card: { number: '4000000000000010', holderName: 'M', expMonth: 1, expYear: 2035, cvv: '123', brand: '', label: '' },
  }));
  await refused(404, charges.getCharge('ch_0000000000000000'));
  await refused(404, orders.getOrder('or_0000000000000000'));
  const wrong = order(pix);
  wrong.items[0].amount = 0;
  await refused(422, orders.createOrder(wrong), 'order.items[0].amount');
  const late = order({ paymentMethod: 'pix', pix: { expiresAt: '2020-01-01T00:00:00Z' } });
  await refused(422, orders.createOrder(late), 'order.payments[0].pix.expires_at');
  await refused(422, orders.createOrder(order({ paymentMethod: 'shells' })), 'order.payments[0].payment_method');
  await refused(412, orders.createOrder(order({ paymentMethod: 'cash', cash: { description: 'x', confirm: true } })));
  await admin('POST', 'faults', { effect: 'error_before', operation: 'charge' });
  await refused(500, orders.createOrder(order(pix)));
}
console.log('pagar.me: its client of version 7.0.2 has read every answer');
