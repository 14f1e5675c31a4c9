// What the addon keeps for one JavaScript environment (the main thread or a worker), and the base of its
// classes.
#pragma once

#include <napi.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "job.h"

namespace bnnw {

enum class ClassId : uint8_t { platform, device, context, buffer, program, kernel, queue, hostMemory };
constexpr size_t classCount = 8;

struct Addon {
  explicit Addon(Napi::Env env) : jobs(env) {}

  static Addon& of(Napi::Env env) { return *env.GetInstanceData<Addon>(); }

  Jobs jobs;
  std::array<Napi::FunctionReference, classCount> constructors;
  /// The parts of the object that make() is constructing.
  const void* parts = nullptr;
};

/// Base of every JavaScript class here. `Self` has `id`, `name` and, unless JavaScript constructs it, a type
/// `Parts` that its constructor takes with takeParts().
///
/// Objects carry a type tag, because `instanceof` can be fooled and unwrapping a foreign object would be
/// undefined behaviour.
template <typename Self>
class Wrapped : public Napi::ObjectWrap<Self> {
 public:
  explicit Wrapped(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Self>(info) {
    const napi_type_tag tag = typeTag();
    info.This().As<Napi::Object>().TypeTag(&tag);
  }

  /// The native side of a JavaScript value. Throws TypeError for any other value.
  static Self& from(const Napi::Value& value, const std::string& what) {
    const napi_type_tag tag = typeTag();
    if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&tag)) {
      throw Napi::TypeError::New(value.Env(), what + " must be a " + Self::name);
    }
    return *Napi::ObjectWrap<Self>::Unwrap(value.As<Napi::Object>());
  }

  static bool is(const Napi::Value& value) {
    const napi_type_tag tag = typeTag();
    return value.IsObject() && value.As<Napi::Object>().CheckTypeTag(&tag);
  }

 protected:
  using Properties = std::vector<Napi::ClassPropertyDescriptor<Self>>;

  static void defineClass(Napi::Env env, Napi::Object exports, const Properties& properties) {
    const Napi::Function constructor = Self::DefineClass(env, Self::name, properties);
    Addon::of(env).constructors[static_cast<size_t>(Self::id)] = Napi::Persistent(constructor);
    exports.Set(Self::name, constructor);
  }

  template <typename Parts>
  static Napi::Object construct(Napi::Env env, const Parts& parts) {
    Addon& addon = Addon::of(env);
    addon.parts = &parts;
    try {
      return addon.constructors[static_cast<size_t>(Self::id)].New({});
    } catch (...) {
      addon.parts = nullptr;  // a constructor that never ran has not taken them
      throw;
    }
  }

  /// The parts given to construct(). Throws TypeError where JavaScript called the constructor.
  template <typename Parts>
  static const Parts& takeParts(const Napi::CallbackInfo& info) {
    Addon& addon = Addon::of(info.Env());
    const void* parts = addon.parts;
    addon.parts = nullptr;
    if (parts == nullptr) {
      throw Napi::TypeError::New(info.Env(),
                                 std::string("a ") + Self::name + " cannot be constructed with new");
    }
    return *static_cast<const Parts*>(parts);
  }

  /// An own property that is read-only and shows when the object is printed.
  static void setReadOnly(const Napi::CallbackInfo& info, const char* name, const Napi::Value& value) {
    info.This().As<Napi::Object>().DefineProperty(
        Napi::PropertyDescriptor::Value(name, value, napi_enumerable));
  }

  /// The handle of an object in use. Throws TypeError after release().
  template <typename Pointer>
  static const Pointer& unreleased(Napi::Env env, const Pointer& handle) {
    if (handle == nullptr) throw Napi::TypeError::New(env, std::string("the ") + Self::name + " is released");
    return handle;
  }

 private:
  static napi_type_tag typeTag() { return {0x626e6e776f70656eULL, static_cast<uint64_t>(Self::id) + 1}; }
};

}  // namespace bnnw
