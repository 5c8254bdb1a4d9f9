import { frameWidth } from '../frame.js';
import type { PixelFormat } from '../pixel-format.js';

/**
 * What an engine reads for each picture, all little-endian:
 *
 *   0  4 bytes  "FWR1"
 *   4  uint32   bytes of this request, these included; later versions may be longer
 *   8  float64  number of the frame; -1 for the face at rest that is asked for at first
 *  16  float64  output sample at which the frame begins
 *  24  uint16   width, 26 uint16 height, in pixels
 *  28  4 bytes  "RGBA", "BGRA", "NV12" or "I420"
 *  32  uint32   slot of the shared file that the picture goes to; 0 without one
 *  36  uint32   number of the request, which counts from 0 and goes round
 *  40  float32  the weight row, 55 numbers (frame.ts)
 */
export const requestBytes = 40 + 4 * frameWidth;

export interface PipeRequest {
  readonly frameIndex: number;
  readonly sampleIndex: number;
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly slot: number;
  readonly number: number;
  readonly weights: Float32Array;
}

export function writeRequest(request: PipeRequest): Buffer {
  const bytes = Buffer.alloc(requestBytes);
  bytes.write('FWR1', 0, 'latin1');
  bytes.writeUInt32LE(requestBytes, 4);
  bytes.writeDoubleLE(request.frameIndex, 8);
  bytes.writeDoubleLE(request.sampleIndex, 16);
  bytes.writeUInt16LE(request.width, 24);
  bytes.writeUInt16LE(request.height, 26);
  bytes.write(request.format.toUpperCase(), 28, 'latin1');
  bytes.writeUInt32LE(request.slot, 32);
  bytes.writeUInt32LE(request.number, 36);
  for (let i = 0; i < frameWidth; i++) bytes.writeFloatLE(request.weights[i], 40 + 4 * i);
  return bytes;
}
