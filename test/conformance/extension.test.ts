import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startLocalCloud, type LocalCloud } from '../../src/server/local-cloud.js';
import { newRequestId } from '../../src/wire/ids.js';
import { frameNumber, readResumeAnswer, writeResumeRequest } from '../../src/wire/index.js';
import { signedUrl, TestClient } from '../server/client.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { RawClient } from './raw-client.js';

/** docs/protocol.md, "Lost sockets": what our server says, and to whom. */
let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await startLocalCloud({ voice: new ToneVoice(), pace: 'asap' });
});
afterAll(() => cloud.close());

describe('the extension for lost sockets', () => {
  it('is announced, and changes no frame for a client that does not ask', async () => {
    const raw = await RawClient.open(signedUrl(cloud.connection));
    raw.destroy();
    expect(raw.head).toMatch(/^facewire-idempotent: 1$/im);
    const client = await TestClient.connect(cloud.connection);
    await client.text('Good morning.');
    for (const text of client.texts) expect(text).not.toContain('Facewire');
    await client.close();
  });

  it('is not announced when it is turned off', async () => {
    const plain = await startLocalCloud({ voice: new ToneVoice(), resumeMs: 0 });
    const raw = await RawClient.open(signedUrl(plain.connection));
    raw.destroy();
    expect(raw.head).not.toMatch(/facewire/i);
    await plain.close();
  });

  it('numbers the frames of a drive from 1, and gives those that are missing on another socket', async () => {
    const first = await TestClient.connect(cloud.connection);
    first.socket.send(writeResumeRequest());
    const id = first.send({ DriverType: 'TEXT', InputText: 'Good morning. Good night.' });
    await first.finished(id);
    const numbers = first.texts.map((text) => frameNumber(Buffer.from(text)));
    expect(numbers).toEqual(numbers.map((_, i) => ({ requestId: id, number: i + 1 })));
    const before = first.texts.slice(2);
    first.socket.terminate();
    const second = await TestClient.connect(cloud.connection);
    second.socket.send(writeResumeRequest(id, 2));
    await second.until(() => second.texts.length > before.length);
    expect(readResumeAnswer(Buffer.from(second.texts[0]))).toEqual({
      requestId: id,
      known: true,
      nextSequence: 1,
    });
    expect(second.texts.slice(1)).toEqual(before);
    await second.close();
  });

  it('knows nothing of a drive that is nobody’s, or whose frames were acknowledged', async () => {
    const client = await TestClient.connect(cloud.connection);
    const id = newRequestId();
    client.socket.send(writeResumeRequest(id, 0));
    await client.until(() => client.texts.length === 1);
    expect(readResumeAnswer(Buffer.from(client.texts[0]))).toMatchObject({ requestId: id, known: false });
    await client.close();
  });

  it('does a request that comes twice once', async () => {
    const client = await TestClient.connect(cloud.connection);
    client.socket.send(writeResumeRequest());
    const text = { ReqId: newRequestId(), DriverType: 'TEXT', InputText: 'Good morning.' };
    client.send(text);
    client.send(text);
    await client.finished(text.ReqId);
    client.send(text);
    // Another drive behind it, so that nothing of a third answer can be missed.
    await client.text('Good night.');
    expect(client.of(text.ReqId).filter((frame) => frame.Payload.SpeechRsp.Final)).toHaveLength(1);
    await client.close();
  });
});
