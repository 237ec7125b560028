/** The shaders; `stretch.ts` has the same formulas for everything that is not drawn by them. */

import { CDF_SIZE, LOG_A, POWER_A, ASINH_A } from './stretch';

const float = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** A rectangle of `u_span` cells seen through the window `u_view`, both from the tile's corner. */
export const VERTEX = `#version 300 es
uniform vec2 u_span;
uniform vec4 u_view;
out vec2 v_cell;
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
  v_cell = corner * u_span;
  gl_Position = vec4((v_cell - u_view.xy) / (u_view.zw - u_view.xy) * 2.0 - 1.0, 0.0, 1.0);
}`;

/** NaN is found by its bits: drivers that compile with fast mathematics drop isnan(). */
export const FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler2D;
precision highp int;
uniform vec2 u_bin;
uniform ivec2 u_size;
uniform vec2 u_limits;
uniform int u_stretch;
uniform bool u_showFlagged;
uniform sampler2D u_value;
uniform sampler2D u_flagged;
uniform sampler2D u_lut;
uniform sampler2D u_flaggedLut;
uniform sampler2D u_cdf;
in vec2 v_cell;
out vec4 colour;

bool missing(float v) {
  return (floatBitsToUint(v) & 0x7fffffffu) > 0x7f800000u;
}

float place(float v) {
  float range = u_limits.y - u_limits.x;
  float t = range == 0.0 ? 0.5 : clamp((v - u_limits.x) / range, 0.0, 1.0);
  if (u_stretch == 1) return log(1.0 + ${float(LOG_A)} * t) / log(1.0 + ${float(LOG_A)});
  if (u_stretch == 2) return sqrt(t);
  if (u_stretch == 3) return t * t;
  if (u_stretch == 4) return asinh(t / ${float(ASINH_A)}) / asinh(1.0 / ${float(ASINH_A)});
  if (u_stretch == 5) return (pow(${float(POWER_A)}, t) - 1.0) / ${float(POWER_A - 1)};
  if (u_stretch == 6) {
    float x = t * ${float(CDF_SIZE - 1)};
    int k = min(int(x), ${CDF_SIZE - 2});
    return mix(texelFetch(u_cdf, ivec2(k, 0), 0).r, texelFetch(u_cdf, ivec2(k + 1, 0), 0).r, x - float(k));
  }
  return t;
}

vec4 look(sampler2D table, float v) {
  return texelFetch(table, ivec2(clamp(int(place(v) * 255.0 + 0.5), 0, 255), 0), 0);
}

void main() {
  ivec2 texel = clamp(ivec2(floor(v_cell / u_bin)), ivec2(0), u_size - 1);
  float v = texelFetch(u_value, texel, 0).r;
  if (!missing(v)) {
    colour = look(u_lut, v);
    return;
  }
  float f = u_showFlagged ? texelFetch(u_flagged, texel, 0).r : v;
  colour = missing(f) ? vec4(0.0) : look(u_flaggedLut, f);
}`;
