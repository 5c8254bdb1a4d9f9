import { espeakLanguages } from '../../voice/espeak-languages.js';
import { espeakInstalled } from '../../voice/espeak-voice.js';
import { fliteVoices } from '../../voice/flite-voice.js';
import { emotionNames } from '../emotions.js';
import type { Timbre, TimbrePage } from '../../wire/interactive/session-types.js';

const descriptions: Readonly<Record<(typeof fliteVoices)[number], string>> = {
  slt: 'Flite slt, American English',
  rms: 'Flite rms, American English',
  awb: 'Flite awb, Scottish English',
  kal: 'Flite kal, American English, 8 kHz',
  kal16: 'Flite kal, American English',
};

/** The voices of this machine, in the form of the vendor's timbres. Their emotions are those that endpoint rendering shows in the face. */
export function listTimbres(page: number, pageSize: number): TimbrePage {
  const all: Timbre[] = fliteVoices.map((key) => ({
    key,
    name: key,
    description: descriptions[key],
    sample: '',
    gender: key === 'slt' ? 'female' : 'male',
    emotions: emotionNames,
    languages: ['en'],
  }));
  if (espeakInstalled()) {
    all.push({
      key: 'espeak',
      name: 'espeak',
      description: 'eSpeak NG; espeak:LANGUAGE for one of its languages',
      sample: '',
      emotions: emotionNames,
      languages: espeakLanguages,
    });
  }
  return { total: all.length, timbres: all.slice((page - 1) * pageSize, page * pageSize) };
}
