// Signs with the providers' own libraries: one JSON object per line in, one per line out.
// In:  {"sdk", "secret", "url", "id", "seconds", "body", "form": [[name, value], ...]?}
// Out: {"headers": {...}, "url"}
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(process.argv[2] + '/');
const signers = {
  stripe({ secret, seconds, body }) {
    const Stripe = require('stripe');
    const stripe = new (Stripe.default ?? Stripe)('sk_test_none');
    const header = stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: seconds });
    return { headers: { 'Stripe-Signature': header } };
  },
  svix({ secret, id, seconds, body }) {
    const { Webhook } = require('svix');
    return {
      headers: {
        'svix-id': id,
        'svix-timestamp': String(seconds),
        'svix-signature': new Webhook(secret).sign(id, new Date(seconds * 1000), body),
      },
    };
  },
  standardwebhooks({ secret, id, seconds, body }) {
    const { Webhook } = require('standardwebhooks');
    return {
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': new Webhook(secret).sign(id, new Date(seconds * 1000), body),
      },
    };
  },
  async octokit({ secret, id, body }) {
    const { sign } = await octokit;
    return { headers: { 'X-Hub-Signature-256': await sign(secret, body), 'X-GitHub-Delivery': id } };
  },
  twilio({ secret, url, body, form }) {
    const twilio = require('twilio/lib/webhooks/webhooks');
    if (form === undefined) {
      const hashed = `${url}?bodySHA256=${twilio.getExpectedBodyHash(body)}`;
      return { headers: { 'X-Twilio-Signature': twilio.getExpectedTwilioSignature(secret, hashed, {}) }, url: hashed };
    }
    const params = {};
    for (const [name, value] of form) {
      params[name] = name in params ? [].concat(params[name], value) : value;
    }
    return { headers: { 'X-Twilio-Signature': twilio.getExpectedTwilioSignature(secret, url, params) } };
  },
};

const octokit = import(process.argv[2] + '/node_modules/@octokit/webhooks-methods/dist-node/index.js');

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const signed = await signers[request.sdk](request);
  process.stdout.write(JSON.stringify({ url: request.url, ...signed }) + '\n');
}
