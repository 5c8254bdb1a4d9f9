// Eight floats for the templates beside this folder. Included inside an unnamed
// namespace, after <immintrin.h>.
struct Vec {
  using Type = __m256;
  static constexpr size_t kLanes = 8;

  static Type zero() { return _mm256_setzero_ps(); }
  static Type broadcast(const float* from) { return _mm256_broadcast_ss(from); }
  static Type load(const float* from) { return _mm256_load_ps(from); }
  static void store(float* to, Type a) { _mm256_store_ps(to, a); }
  static Type add(Type a, Type b) { return _mm256_add_ps(a, b); }
  static Type sub(Type a, Type b) { return _mm256_sub_ps(a, b); }
  static Type multiply_add(Type a, Type b, Type c) { return _mm256_fmadd_ps(a, b, c); }
  static Type load_any(const float* from) { return _mm256_loadu_ps(from); }
  static void store_any(float* to, Type a) { _mm256_storeu_ps(to, a); }
  static Type multiply(Type a, Type b) { return _mm256_mul_ps(a, b); }
  static Type spread(float a) { return _mm256_set1_ps(a); }

  static Type pair(const float* low, const float* high) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)), _mm_loadu_ps(high), 1);
  }
  static void transpose(Type (&x)[4]) {
    const Type low01 = _mm256_unpacklo_ps(x[0], x[1]);
    const Type high01 = _mm256_unpackhi_ps(x[0], x[1]);
    const Type low23 = _mm256_unpacklo_ps(x[2], x[3]);
    const Type high23 = _mm256_unpackhi_ps(x[2], x[3]);
    x[0] = _mm256_shuffle_ps(low01, low23, 0x44);
    x[1] = _mm256_shuffle_ps(low01, low23, 0xee);
    x[2] = _mm256_shuffle_ps(high01, high23, 0x44);
    x[3] = _mm256_shuffle_ps(high01, high23, 0xee);
  }
  // x[k], lane s = from[s * apart + k].
  static void load_quads(const float* from, size_t apart, Type (&x)[4]) {
    for (size_t k = 0; k < 4; ++k) x[k] = pair(from + k * apart, from + (k + 4) * apart);
    transpose(x);
  }
  // The way back, of what is transposed already and for the first `lanes` only:
  // to[s * apart + k] = what was x[k], lane s.
  static void store_quads(float* to, size_t apart, const Type (&x)[4], size_t lanes) {
    for (size_t k = 0; k < 4; ++k) {
      if (k < lanes) _mm_storeu_ps(to + k * apart, _mm256_castps256_ps128(x[k]));
      if (k + 4 < lanes) _mm_storeu_ps(to + (k + 4) * apart, _mm256_extractf128_ps(x[k], 1));
    }
  }

  // a0 + a1, b0 + b1, a2 + a3, ...: blends are cheaper than the shuffles of hadd.
  static Type add_neighbours(Type a, Type b) {
    const Type swapped = _mm256_permute_ps(_mm256_blend_ps(a, b, 0x55), 0xb1);
    return _mm256_add_ps(_mm256_blend_ps(a, b, 0xaa), swapped);
  }
  static Type add_pairs(Type a, Type b) {
    const Type swapped = _mm256_permute_ps(_mm256_blend_ps(a, b, 0x33), 0x4e);
    return _mm256_add_ps(_mm256_blend_ps(a, b, 0xcc), swapped);
  }
  static Type add_halves(Type a, Type b) {
    return _mm256_add_ps(_mm256_blend_ps(a, b, 0xf0), _mm256_permute2f128_ps(a, b, 0x21));
  }

  // The lanes of eight registers added up, one register to one lane: for every one
  // ((l0 + l1) + (l2 + l3)) + ((l4 + l5) + (l6 + l7)).
  static Type add_lanes(const Type (&x)[8]) {
    const Type low = add_pairs(add_neighbours(x[0], x[1]), add_neighbours(x[2], x[3]));
    const Type high = add_pairs(add_neighbours(x[4], x[5]), add_neighbours(x[6], x[7]));
    return add_halves(low, high);
  }

  // The same sum of one register.
  static float total(Type x) {
    const Type pairs = add_neighbours(x, x);
    const Type fours = add_pairs(pairs, pairs);
    return _mm256_cvtss_f32(add_halves(fours, fours));
  }

  // a < b ? a : b and a > b ? a : b in every lane.
  static Type lesser(Type a, Type b) { return _mm256_min_ps(a, b); }
  static Type greater(Type a, Type b) { return _mm256_max_ps(a, b); }
  static Type magnitude(Type a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
  // x where a and b are both above 0, else 0.
  static Type where_positive(Type a, Type b, Type x) {
    return _mm256_and_ps(
        _mm256_and_ps(_mm256_cmp_ps(a, zero(), _CMP_GT_OQ), _mm256_cmp_ps(b, zero(), _CMP_GT_OQ)),
        x);
  }
  // Lanes within [0, 1].
  static size_t count_in_unit(Type x) {
    const Type good = _mm256_and_ps(_mm256_cmp_ps(x, zero(), _CMP_GE_OQ),
                                    _mm256_cmp_ps(x, _mm256_set1_ps(1.0f), _CMP_LE_OQ));
    return static_cast<size_t>(_mm_popcnt_u32(static_cast<uint32_t>(_mm256_movemask_ps(good))));
  }
};
