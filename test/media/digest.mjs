// Runs in a child process or a worker, from the compiled code. Plays a fixed
// utterance and prints or posts digests of every sample and weight, and some samples themselves.
import { createHash } from 'node:crypto';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { MediaSession, loadAddon } from '../../dist/media/index.js';

function digest() {
  const session = new MediaSession({ sampleRate: 44100, idleSeed: 12 });
  const soundHash = createHash('sha256');
  const weightsHash = createHash('sha256');
  const some = [];
  const row = new Float32Array(55);
  const audio = new Float32Array(4410);
  let state = 1;
  const noise = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
  for (let utterance = 0; utterance < 3; utterance++) {
    session.begin();
    for (let i = 0; i < 10; i++) {
      const pcm = Buffer.alloc(4803);
      for (let b = 0; b < pcm.length; b++) pcm[b] = noise() * 256;
      const features = Array.from({ length: 137 }, () => noise() * 1.2 - 0.1);
      session.pushParsed({ audio: pcm.toString('base64'), features, clause: i >> 2, final: i === 9 });
    }
    const end = session.committed() + session.readySamples() + 4410;
    while (session.committed() < end) {
      const from = session.committed();
      session.commit(from + audio.length);
      session.readAudio(from, audio);
      soundHash.update(new Uint8Array(audio.buffer));
      for (let i = 0; i < audio.length; i += 97) some.push(audio[i]);
      for (let at = from; at < from + audio.length; at += 735) {
        session.frameAt(at, row);
        weightsHash.update(new Uint8Array(row.buffer));
      }
    }
  }
  session.close();
  return { sound: soundHash.digest('hex'), weights: weightsHash.digest('hex'), some };
}

if (isMainThread) {
  process.stdout.write(JSON.stringify({ kernels: loadAddon().kernels, ...digest() }));
} else if (workerData === 'forever') {
  // Never comes to an end by itself: the test terminates it in the middle of its work.
  parentPort.postMessage('running');
  for (;;) digest();
} else {
  parentPort.postMessage(digest());
}
