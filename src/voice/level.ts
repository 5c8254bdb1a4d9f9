/** Largest magnitude that still counts as silence: -48 dB of full scale. */
const silentPeak = 130;

/** True when a voice returned nothing that can be heard. */
export function isSilent(pcm: Int16Array): boolean {
  return pcm.every((sample) => sample <= silentPeak && sample >= -silentPeak);
}

/** Scales by `decibels`; peaks above three quarters of full scale are bent, not clipped. */
export function applyVolume(pcm: Int16Array, decibels: number): Int16Array {
  if (decibels === 0) return pcm;
  const gain = 10 ** (decibels / 20);
  const knee = 0.75;
  return pcm.map((sample) => {
    const value = (sample / 32768) * gain;
    const size = Math.abs(value);
    if (size <= knee) return Math.round(value * 32768);
    const bent = knee + (1 - knee) * Math.tanh((size - knee) / (1 - knee));
    return Math.round(Math.sign(value) * bent * 32767);
  });
}
