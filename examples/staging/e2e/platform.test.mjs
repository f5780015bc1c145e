// The flows that a release must not break, against the real service at BASE_URL.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

const base = process.env.BASE_URL;

async function call(method, path, body) {
  const answer = await fetch(new URL(path, base), {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

const book = async () => (await call('POST', '/bookings', { service: 'cleaning' })).body;

describe('customer booking', () => {
  test('a customer sees a price', async () => {
    const { status, body } = await call('GET', '/quotes');
    assert.equal(status, 200);
    assert.equal(body.currency, 'EUR');
  });

  test('a customer books and finds the booking again', async () => {
    const { id } = await book();
    const { body } = await call('GET', `/bookings/${id}`);
    assert.equal(body.state, 'booked');
  });

  test('a booking without a service is refused', async () => {
    assert.equal((await call('POST', '/bookings', {})).status, 422);
  });
});

describe('partner job completion', () => {
  test('a partner completes a job', async () => {
    const { id } = await book();
    const { body } = await call('POST', `/jobs/${id}/complete`);
    assert.equal(body.state, 'done');
  });
});

describe('owner dashboard', () => {
  test('an owner sees bookings grow', async () => {
    const before = (await call('GET', '/dashboard')).body.bookings;
    await book();
    assert.ok((await call('GET', '/dashboard')).body.bookings > before);
  });
});

describe('payment processing', () => {
  test('a booking is paid', async () => {
    const { id } = await book();
    assert.equal((await call('POST', '/payments', { booking: id })).status, 201);
  });

  test('nobody pays twice', async () => {
    const { id } = await book();
    await call('POST', '/payments', { booking: id });
    assert.equal((await call('POST', '/payments', { booking: id })).status, 409);
  });
});
