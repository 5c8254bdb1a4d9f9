#pragma once

// The part of PortAudio's version 19 interface that is used here, declared anew
// so that nothing of it is needed to build. Layouts and numbers are those of
// its public documentation and have not changed since 2006.

#include <cstdint>

namespace facewire::portaudio {

using Error = int;
using Time = double;  // Seconds.
using Stream = void;

inline constexpr Error kNoError = 0;
inline constexpr Error kUnanticipatedHostError = -9999;
inline constexpr Error kInvalidSampleRate = -9997;
inline constexpr Error kInvalidDevice = -9996;
inline constexpr Error kDeviceUnavailable = -9985;
inline constexpr int kNoDevice = -1;
inline constexpr unsigned long kInt16 = 8;
inline constexpr unsigned long kOutputUnderflow = 4;
inline constexpr int kContinue = 0;
inline constexpr int kAbort = 2;
inline constexpr int kAlsa = 8;  // Type of a host API.

struct HostApiInfo {
  int version;
  int type;
  const char* name;
  int device_count;
  int default_input;
  int default_output;
};

struct DeviceInfo {
  int version;
  const char* name;
  int host_api;
  int max_input_channels;
  int max_output_channels;
  Time low_input_latency;
  Time low_output_latency;
  Time high_input_latency;
  Time high_output_latency;
  double sample_rate;
};

struct HostErrorInfo {
  int type;
  long code;
  const char* text;
};

struct StreamParameters {
  int device;
  int channels;
  unsigned long format;
  Time latency;
  void* host_info;
};

struct StreamInfo {
  int version;
  Time input_latency;
  Time output_latency;
  double sample_rate;
};

struct CallbackTime {
  Time input_adc;
  Time current;
  Time output_dac;
};

extern "C" using Callback = int(const void* input, void* output, unsigned long frames,
                                const CallbackTime* time, unsigned long flags, void* user);

struct Api {
  const char* (*Pa_GetVersionText)();
  Error (*Pa_Initialize)();
  Error (*Pa_Terminate)();
  const char* (*Pa_GetErrorText)(Error);
  const HostErrorInfo* (*Pa_GetLastHostErrorInfo)();
  int (*Pa_GetDeviceCount)();
  int (*Pa_GetDefaultOutputDevice)();
  const DeviceInfo* (*Pa_GetDeviceInfo)(int);
  const HostApiInfo* (*Pa_GetHostApiInfo)(int);
  Error (*Pa_OpenStream)(Stream**, const StreamParameters*, const StreamParameters*, double,
                         unsigned long, unsigned long, Callback*, void*);
  Error (*Pa_StartStream)(Stream*);
  Error (*Pa_AbortStream)(Stream*);
  Error (*Pa_CloseStream)(Stream*);
  Error (*Pa_IsStreamActive)(Stream*);
  const StreamInfo* (*Pa_GetStreamInfo)(Stream*);
  // Only where PortAudio was built with ALSA, and only for its streams; may be null.
  void (*PaAlsa_EnableRealtimeScheduling)(Stream*, int);
};

}  // namespace facewire::portaudio
