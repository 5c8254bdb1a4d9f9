// Included by the files of one instruction set each, inside their unnamed
// namespace, so that every one of them gets a copy of its own. Bit for bit what
// the scalar table gives: nothing is fused, and of two equal values the second is taken.
//
// Vec gives, besides what vector_filters.h needs: lesser, greater, magnitude,
// where_positive and count_in_unit (see there).

template <class Vec>
void vector_monotone_slopes(const float* before, const float* row, const float* after, size_t width,
                            float* out) {
  using Type = typename Vec::Type;
  size_t i = 0;
  for (; i + Vec::kLanes <= width; i += Vec::kLanes) {
    const Type middle = Vec::load_any(row + i);
    const Type left = Vec::sub(middle, Vec::load_any(before + i));
    const Type right = Vec::sub(Vec::load_any(after + i), middle);
    const Type mean = Vec::multiply(Vec::add(left, right), Vec::spread(0.5f));
    const Type smaller = Vec::lesser(Vec::magnitude(left), Vec::magnitude(right));
    const Type size = Vec::lesser(Vec::magnitude(mean), Vec::multiply(Vec::spread(2.0f), smaller));
    const Type rising = Vec::where_positive(left, right, size);
    const Type falling = Vec::where_positive(
        Vec::sub(Vec::zero(), left), Vec::sub(Vec::zero(), right), Vec::sub(Vec::zero(), size));
    // One of them is zero.
    Vec::store_any(out + i, Vec::add(rising, falling));
  }
  scalar::kFace.monotone_slopes(before + i, row + i, after + i, width - i, out + i);
}

template <class Vec>
void vector_hermite(const float* from, const float* from_slopes, const float* to,
                    const float* to_slopes, size_t width, float t, float* out) {
  using Type = typename Vec::Type;
  if (!(t < 1.0f) || width < Vec::kLanes) {
    scalar::kFace.hermite(from, from_slopes, to, to_slopes, width, t, out);
    return;
  }
  const Type w0 = Vec::spread((t * t) * (3.0f - 2.0f * t));
  const Type w1 = Vec::spread((t * (1.0f - t)) * (1.0f - t));
  const Type w2 = Vec::spread((t * t) * (t - 1.0f));
  const auto curve = [&](size_t i) {
    const Type a = Vec::load_any(from + i);
    const Type b = Vec::load_any(to + i);
    const Type slopes = Vec::add(Vec::multiply(Vec::load_any(from_slopes + i), w1),
                                 Vec::multiply(Vec::load_any(to_slopes + i), w2));
    const Type y = Vec::add(a, Vec::add(Vec::multiply(Vec::sub(b, a), w0), slopes));
    return Vec::lesser(Vec::greater(y, Vec::lesser(a, b)), Vec::greater(a, b));
  };
  // The last register may overlap the one before it, and `out` may be an input.
  const size_t last = width - Vec::kLanes;
  const Type end = curve(last);
  for (size_t i = 0; i < last; i += Vec::kLanes) Vec::store_any(out + i, curve(i));
  Vec::store_any(out + last, end);
}

template <class Vec>
size_t vector_clamp01(const float* in, size_t count, float* out) {
  using Type = typename Vec::Type;
  const Type one = Vec::spread(1.0f);
  size_t i = 0;
  size_t inside = 0;
  for (; i + Vec::kLanes <= count; i += Vec::kLanes) {
    const Type x = Vec::load_any(in + i);
    inside += Vec::count_in_unit(x);
    Vec::store_any(out + i, Vec::lesser(Vec::greater(x, Vec::zero()), one));
  }
  return i - inside + scalar::kFace.clamp01(in + i, count - i, out + i);
}
