/** Float to little-endian 16 bit, the inverse of dividing by 32768. */
export function toPcm16(audio: Float32Array): Buffer {
  const out = Buffer.allocUnsafe(audio.length * 2);
  for (let i = 0; i < audio.length; i++) {
    const scaled = Math.round((audio[i] ?? 0) * 32768);
    out.writeInt16LE(scaled > 32767 ? 32767 : scaled >= -32768 ? scaled : scaled < 0 ? -32768 : 0, i * 2);
  }
  return out;
}
