import type { FeatureOrderName } from '../media/orders.js';
import { Calibration } from '../rigs/calibration.js';

/** How a face is read and shown, as the command line says it. */
export interface FaceOptions {
  /** A calibration file. */
  readonly calibration?: string;
  /** Order of the feature columns that come. */
  readonly rig?: FeatureOrderName;
}

/** The calibration that was asked for; undefined for none. */
export async function calibrationOf(
  options: Pick<FaceOptions, 'calibration'>,
): Promise<Calibration | undefined> {
  return options.calibration === undefined ? undefined : Calibration.read(options.calibration);
}
