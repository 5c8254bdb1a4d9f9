// Runs in a worker, from the compiled code. Draws pictures of a pool whose
// sessions come and go, posts a digest of them, and leaves everything to the
// end of the worker.
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { MediaSession, SessionPool } from '../../dist/media/index.js';

const hash = createHash('sha256');
const pool = new SessionPool();
const sessions = [];
const out = new Float32Array(32 * 55);
const flags = new Uint8Array(32);
const audio = Buffer.alloc(48_000).toString('base64');
for (let frame = 0; frame < 400; frame++) {
  if (frame % 10 === 0) {
    const session = new MediaSession({ idleSeed: frame });
    session.begin();
    const features = Array.from({ length: 52 * 25 }, (_, i) => Math.abs(Math.sin(i * frame)));
    session.pushParsed({ audio, features, featureDimension: 52 });
    sessions.push(session);
    pool.add(session);
  }
  if (frame % 17 === 0 && sessions.length > 8) sessions.shift().close();
  pool.frames(frame * 100, out, flags);
  hash.update(new Uint8Array(out.buffer));
}
parentPort.postMessage(hash.digest('hex'));
