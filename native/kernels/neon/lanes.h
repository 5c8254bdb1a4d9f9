// Four floats for the templates beside this folder. Included inside an unnamed
// namespace, after <arm_neon.h>.
struct Vec {
  using Type = float32x4_t;
  static constexpr size_t kLanes = 4;

  static Type zero() { return vdupq_n_f32(0.0f); }
  static Type broadcast(const float* from) { return vld1q_dup_f32(from); }
  static Type load(const float* from) { return vld1q_f32(from); }
  static void store(float* to, Type a) { vst1q_f32(to, a); }
  static Type add(Type a, Type b) { return vaddq_f32(a, b); }
  static Type sub(Type a, Type b) { return vsubq_f32(a, b); }
  static Type multiply_add(Type a, Type b, Type c) { return vfmaq_f32(c, a, b); }
  static Type load_any(const float* from) { return vld1q_f32(from); }
  static void store_any(float* to, Type a) { vst1q_f32(to, a); }
  static Type multiply(Type a, Type b) { return vmulq_f32(a, b); }
  static Type spread(float a) { return vdupq_n_f32(a); }

  static void transpose(Type (&x)[4]) {
    const float32x4x2_t a = vtrnq_f32(x[0], x[1]);
    const float32x4x2_t b = vtrnq_f32(x[2], x[3]);
    x[0] = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
    x[1] = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
    x[2] = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
    x[3] = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
  }
  // x[k], lane s = from[s * apart + k].
  static void load_quads(const float* from, size_t apart, Type (&x)[4]) {
    for (size_t k = 0; k < 4; ++k) x[k] = load_any(from + k * apart);
    transpose(x);
  }
  // The way back, of what is transposed already and for the first `lanes` only:
  // to[s * apart + k] = what was x[k], lane s.
  static void store_quads(float* to, size_t apart, const Type (&x)[4], size_t lanes) {
    for (size_t k = 0; k < 4; ++k) {
      if (k < lanes) store_any(to + k * apart, x[k]);
    }
  }
  // For every register (l0 + l1) + (l2 + l3).
  static Type add_lanes(const Type (&x)[4]) {
    return vpaddq_f32(vpaddq_f32(x[0], x[1]), vpaddq_f32(x[2], x[3]));
  }
  static float total(Type x) {
    const Type pairs = vpaddq_f32(x, x);
    return vgetq_lane_f32(vpaddq_f32(pairs, pairs), 0);
  }

  // a < b ? a : b and a > b ? a : b in every lane. Not vminq and vmaxq, which
  // hand on NaN and choose between two zeros by their signs.
  static Type lesser(Type a, Type b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
  static Type greater(Type a, Type b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
  static Type magnitude(Type a) { return vabsq_f32(a); }
  // x where a and b are both above 0, else 0.
  static Type where_positive(Type a, Type b, Type x) {
    return vbslq_f32(vandq_u32(vcgtq_f32(a, zero()), vcgtq_f32(b, zero())), x, zero());
  }
  // Lanes within [0, 1].
  static size_t count_in_unit(Type x) {
    const uint32x4_t good = vandq_u32(vcgeq_f32(x, zero()), vcleq_f32(x, vdupq_n_f32(1.0f)));
    return vaddvq_u32(vshrq_n_u32(good, 31));
  }
};
