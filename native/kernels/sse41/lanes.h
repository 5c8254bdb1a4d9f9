// Four floats for the templates beside this folder. Included inside an unnamed
// namespace, after <smmintrin.h>.
struct Vec {
  using Type = __m128;
  static constexpr size_t kLanes = 4;

  static Type zero() { return _mm_setzero_ps(); }
  static Type broadcast(const float* from) { return _mm_load1_ps(from); }
  static Type load(const float* from) { return _mm_load_ps(from); }
  static void store(float* to, Type a) { _mm_store_ps(to, a); }
  static Type add(Type a, Type b) { return _mm_add_ps(a, b); }
  static Type sub(Type a, Type b) { return _mm_sub_ps(a, b); }
  static Type multiply_add(Type a, Type b, Type c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
  static Type load_any(const float* from) { return _mm_loadu_ps(from); }
  static void store_any(float* to, Type a) { _mm_storeu_ps(to, a); }
  static Type multiply(Type a, Type b) { return _mm_mul_ps(a, b); }
  static Type spread(float a) { return _mm_set1_ps(a); }

  static void transpose(Type (&x)[4]) {
    const Type low01 = _mm_unpacklo_ps(x[0], x[1]);
    const Type high01 = _mm_unpackhi_ps(x[0], x[1]);
    const Type low23 = _mm_unpacklo_ps(x[2], x[3]);
    const Type high23 = _mm_unpackhi_ps(x[2], x[3]);
    x[0] = _mm_movelh_ps(low01, low23);
    x[1] = _mm_movehl_ps(low23, low01);
    x[2] = _mm_movelh_ps(high01, high23);
    x[3] = _mm_movehl_ps(high23, high01);
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
    return _mm_hadd_ps(_mm_hadd_ps(x[0], x[1]), _mm_hadd_ps(x[2], x[3]));
  }
  static float total(Type x) {
    const Type pairs = _mm_hadd_ps(x, x);
    return _mm_cvtss_f32(_mm_hadd_ps(pairs, pairs));
  }

  // a < b ? a : b and a > b ? a : b in every lane.
  static Type lesser(Type a, Type b) { return _mm_min_ps(a, b); }
  static Type greater(Type a, Type b) { return _mm_max_ps(a, b); }
  static Type magnitude(Type a) { return _mm_andnot_ps(_mm_set1_ps(-0.0f), a); }
  // x where a and b are both above 0, else 0.
  static Type where_positive(Type a, Type b, Type x) {
    return _mm_and_ps(_mm_and_ps(_mm_cmpgt_ps(a, zero()), _mm_cmpgt_ps(b, zero())), x);
  }
  // Lanes within [0, 1].
  static size_t count_in_unit(Type x) {
    const Type good = _mm_and_ps(_mm_cmpge_ps(x, zero()), _mm_cmple_ps(x, _mm_set1_ps(1.0f)));
    size_t count = kLanes;
    // Few are outside, so that a count of bits without an instruction for it costs nothing.
    for (int missing = _mm_movemask_ps(good) ^ 15; missing != 0; missing &= missing - 1) --count;
    return count;
  }
};
