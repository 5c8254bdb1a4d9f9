#include "facewire/portaudio.h"

#include <map>

#include "portaudio_api.h"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace facewire {
namespace {

#ifdef _WIN32
void* open_library(const std::string& path, std::string& reason) {
  // Paths come as UTF-8.
  const int length = MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, nullptr, 0);
  std::wstring wide(static_cast<size_t>(length > 0 ? length : 1), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, wide.data(), length);
  HMODULE module = LoadLibraryW(wide.c_str());
  if (module == nullptr) reason = "LoadLibrary failed with " + std::to_string(GetLastError());
  return reinterpret_cast<void*>(module);
}

void* find_symbol(void* library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(reinterpret_cast<HMODULE>(library), name));
}
#else
void* open_library(const std::string& path, std::string& reason) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* text = dlerror();
    reason = text == nullptr ? "dlopen failed" : text;
  }
  return library;
}

void* find_symbol(void* library, const char* name) { return dlsym(library, name); }

#endif

#ifdef __linux__
extern "C" void say_nothing(const char*, int, const char*, int, const char*, ...) {}
#endif

// ALSA prints up to 200 lines each time devices are looked for. What matters
// comes as an error of PortAudio.
void quieten() {
#ifdef __linux__
  void* alsa = dlopen("libasound.so.2", RTLD_NOW | RTLD_NOLOAD);
  if (alsa == nullptr) return;
  using SetHandler = int (*)(void (*)(const char*, int, const char*, int, const char*, ...));
  void* found = dlsym(alsa, "snd_lib_error_set_handler");
  if (found != nullptr) reinterpret_cast<SetHandler>(found)(say_nothing);
#endif
}

template <typename Pointer>
void find(void* library, const char* name, Pointer& pointer, std::string& missing) {
  pointer = reinterpret_cast<Pointer>(find_symbol(library, name));
  if (pointer == nullptr && missing.empty()) missing = name;
}

// The name of the first function that is not there.
std::string find_all(void* library, portaudio::Api& api) {
  std::string missing;
#define FACEWIRE_FIND(name) find(library, #name, api.name, missing)
  FACEWIRE_FIND(Pa_GetVersionText);
  FACEWIRE_FIND(Pa_Initialize);
  FACEWIRE_FIND(Pa_Terminate);
  FACEWIRE_FIND(Pa_GetErrorText);
  FACEWIRE_FIND(Pa_GetLastHostErrorInfo);
  FACEWIRE_FIND(Pa_GetDeviceCount);
  FACEWIRE_FIND(Pa_GetDefaultOutputDevice);
  FACEWIRE_FIND(Pa_GetDeviceInfo);
  FACEWIRE_FIND(Pa_GetHostApiInfo);
  FACEWIRE_FIND(Pa_OpenStream);
  FACEWIRE_FIND(Pa_StartStream);
  FACEWIRE_FIND(Pa_AbortStream);
  FACEWIRE_FIND(Pa_CloseStream);
  FACEWIRE_FIND(Pa_IsStreamActive);
  FACEWIRE_FIND(Pa_GetStreamInfo);
#undef FACEWIRE_FIND
  std::string optional;
  find(library, "PaAlsa_EnableRealtimeScheduling", api.PaAlsa_EnableRealtimeScheduling, optional);
  return missing;
}

}  // namespace

PortAudio::PortAudio() : api_(std::make_unique<portaudio::Api>()) {}
PortAudio::~PortAudio() = default;

PortAudio* PortAudio::load(const std::string& path, std::string& reason) {
  // Never unloaded: PortAudio's own threads and the system's plug-ins do not expect it.
  static std::mutex mutex;
  static auto& loaded = *new std::map<std::string, PortAudio*>;
  const std::lock_guard lock(mutex);
  const auto found = loaded.find(path);
  if (found != loaded.end()) return found->second;
  PortAudio* library = load_new(path, reason);
  if (library != nullptr) loaded.emplace(path, library);
  return library;
}

PortAudio* PortAudio::load_new(const std::string& path, std::string& reason) {
  void* handle = open_library(path, reason);
  if (handle == nullptr) return nullptr;
  std::unique_ptr<PortAudio, void (*)(PortAudio*)> library(new PortAudio,
                                                           [](PortAudio* made) { delete made; });
  const std::string missing = find_all(handle, *library->api_);
  if (!missing.empty()) {
    reason = "it has no " + missing;
    return nullptr;
  }
  library->version_ = library->api_->Pa_GetVersionText();
  quieten();
  return library.release();
}

SoundFailure PortAudio::failure(int code) const {
  const char* text = api_->Pa_GetErrorText(code);
  std::string words = text == nullptr ? "error " + std::to_string(code) : text;
  if (code == portaudio::kUnanticipatedHostError) {
    const portaudio::HostErrorInfo* host = api_->Pa_GetLastHostErrorInfo();
    if (host != nullptr && host->text != nullptr) words += ": " + std::string(host->text);
  }
  return {code, words};
}

SoundFailure PortAudio::enter() {
  if (users_ == 0) {
    const int code = api_->Pa_Initialize();
    if (code != portaudio::kNoError) return failure(code);
  }
  ++users_;
  return {};
}

void PortAudio::leave() noexcept {
  if (--users_ == 0) api_->Pa_Terminate();
}

SoundFailure PortAudio::list(std::vector<SoundDevice>& all) {
  const std::lock_guard lock(mutex_);
  if (SoundFailure failed = enter()) return failed;
  all = devices();
  leave();
  return {};
}

std::vector<SoundDevice> PortAudio::devices() const {
  std::vector<SoundDevice> all;
  const int count = api_->Pa_GetDeviceCount();
  const int preferred = api_->Pa_GetDefaultOutputDevice();
  for (int index = 0; index < count; ++index) {
    const portaudio::DeviceInfo* info = api_->Pa_GetDeviceInfo(index);
    if (info == nullptr || info->max_output_channels < 1) continue;
    const portaudio::HostApiInfo* host = api_->Pa_GetHostApiInfo(info->host_api);
    SoundDevice device;
    device.index = index;
    device.name = info->name == nullptr ? "" : info->name;
    device.host = host == nullptr || host->name == nullptr ? "" : host->name;
    device.is_alsa = host != nullptr && host->type == portaudio::kAlsa;
    device.channels = info->max_output_channels;
    device.sample_rate = info->sample_rate;
    device.low_latency_ms = info->low_output_latency * 1000;
    device.is_default = index == preferred;
    all.push_back(std::move(device));
  }
  return all;
}

}  // namespace facewire
