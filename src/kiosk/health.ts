import type { DeviceCounters } from '../sinks/device/portaudio-sink.js';
import type { VoiceSource } from './speaker.js';

/** How a kiosk is. */
export interface KioskHealth {
  /** stopped: no frame for 2 s. degraded: something that was asked for is missing, and the kiosk goes on without it. */
  readonly status: 'ok' | 'degraded' | 'stopped';
  readonly source: VoiceSource;
  readonly cloud: 'up' | 'down' | 'none';
  /** The device that plays, what is counted of it where PortAudio plays, and how often another had to be opened. */
  readonly card:
    | {
        readonly device: string | undefined;
        readonly counters: DeviceCounters | undefined;
        readonly breaks: number;
      }
    | undefined;
  /** Whether the ingest takes the stream, and how often it was lost or could not be reached. */
  readonly push: { readonly isUp: boolean; readonly breaks: number } | undefined;
  /** Whether the page is shown in full screen, and how often its browser ended or hung. */
  readonly screen: { readonly isUp: boolean; readonly breaks: number } | undefined;
  readonly page: { readonly viewers: number; readonly missed: number } | undefined;
  readonly frames: number;
  readonly repeatedFrames: number;
  /** Requests that wait or are being said. */
  readonly waiting: number;
  readonly uptimeSeconds: number;
  readonly residentBytes: number;
}
