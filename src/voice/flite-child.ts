import { serveVoice } from './child-loop.js';
import { FliteEngine } from './flite-engine.js';
import { FliteSpeech } from './flite-speech.js';

serveVoice(async () => {
  const engine = await FliteEngine.load();
  const speech = new FliteSpeech(engine);
  return (request) => {
    const clause = speech.speak(request.text, request.voice, request.speed);
    setImmediate(() => engine.warm());
    return clause;
  };
});
