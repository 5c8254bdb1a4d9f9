// Included by the files of one instruction set each, inside their unnamed
// namespace, like vector_filters.h.
//
// Pixels gives Type, kBytes (of one register), weights(int16_t (&)[3]), luma (of
// as many pixels as kBytes), squares (sums of squares of four pixels, of one
// register from both rows) and chroma (of four times such squares).

template <class Pixels>
void vector_rgba_to_yuv420(const uint8_t* top, const uint8_t* bottom, size_t width,
                           uint8_t* luma_top, uint8_t* luma_bottom, uint8_t* blue, uint8_t* red) {
  using Type = typename Pixels::Type;
  // Four registers at a time, of pixels of four bytes.
  constexpr size_t kStep = Pixels::kBytes;
  const Type of_luma = Pixels::weights(kLumaWeights);
  const Type of_blue = Pixels::weights(kBlueWeights);
  const Type of_red = Pixels::weights(kRedWeights);
  size_t i = 0;
  for (; i + kStep <= width; i += kStep) {
    const uint8_t* a = top + 4 * i;
    const uint8_t* b = bottom + 4 * i;
    Pixels::luma(a, of_luma, luma_top + i);
    Pixels::luma(b, of_luma, luma_bottom + i);
    Type squares[4];
    for (size_t k = 0; k < 4; ++k) squares[k] = Pixels::squares(a + k * kStep, b + k * kStep);
    Pixels::chroma(squares, of_blue, blue + i / 2);
    Pixels::chroma(squares, of_red, red + i / 2);
  }
  scalar::rgba_to_yuv420(top + 4 * i, bottom + 4 * i, width - i, luma_top + i, luma_bottom + i,
                         blue + i / 2, red + i / 2);
}
