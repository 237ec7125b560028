/** WebGL2: float textures, the colour map and the stretch in the fragment shader. */

import { LUT_SIZE } from './colormaps';
import { type ColourScale, deviceRect, type PanelPicture, type Renderer } from './renderer';
import { FRAGMENT, VERTEX } from './shaders';
import { CDF_SIZE, STRETCHES } from './stretch';
import type { Tile } from './tiles';

interface TileTextures {
  value: WebGLTexture;
  flagged: WebGLTexture | null;
}

type Uniform =
  | 'u_span'
  | 'u_view'
  | 'u_bin'
  | 'u_size'
  | 'u_limits'
  | 'u_stretch'
  | 'u_showFlagged'
  | 'u_value'
  | 'u_flagged'
  | 'u_lut'
  | 'u_flaggedLut'
  | 'u_cdf';

const UNIFORMS: readonly Uniform[] = [
  'u_span',
  'u_view',
  'u_bin',
  'u_size',
  'u_limits',
  'u_stretch',
  'u_showFlagged',
  'u_value',
  'u_flagged',
  'u_lut',
  'u_flaggedLut',
  'u_cdf'
];

/** How long a lost context may take to come back before `onLost` is told. */
const PATIENCE = 1500;

export class GLRenderer implements Renderer {
  readonly kind = 'webgl2';
  private readonly textures = new Map<Tile, TileTextures>();
  private uniforms = {} as Record<Uniform, WebGLUniformLocation | null>;
  private lutTexture: WebGLTexture | null = null;
  private flaggedLutTexture: WebGLTexture | null = null;
  private cdfTexture: WebGLTexture | null = null;
  private drawnLut: Uint8Array | null = null;
  private drawnFlaggedLut: Uint8Array | null = null;
  private drawnCdf: Float32Array | null | undefined = undefined;
  private ratio = 1;
  private lost = false;
  private showFlagged = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new AbortController();

  /** `null` where the browser has no WebGL2 to give. */
  static create(canvas: HTMLCanvasElement, redraw: () => void, gone: () => void): GLRenderer | null {
    const gl = canvas.getContext('webgl2', {
      alpha: true,
      antialias: false,
      depth: false,
      stencil: false,
      premultipliedAlpha: true,
      preserveDrawingBuffer: true
    });
    if (!gl) {
      return null;
    }
    const renderer = new GLRenderer(canvas, gl, redraw, gone);
    return renderer.prepare() ? renderer : null;
  }

  private constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
    redraw: () => void,
    gone: () => void
  ) {
    const { signal } = this.listeners;
    canvas.addEventListener(
      'webglcontextlost',
      event => {
        event.preventDefault();
        this.lost = true;
        this.timer = setTimeout(gone, PATIENCE);
      },
      { signal }
    );
    canvas.addEventListener(
      'webglcontextrestored',
      () => {
        clearTimeout(this.timer);
        this.lost = false;
        this.textures.clear();
        this.drawnLut = null;
        this.drawnFlaggedLut = null;
        this.drawnCdf = undefined;
        if (this.prepare()) {
          redraw();
        } else {
          gone();
        }
      },
      { signal }
    );
  }

  resize(width: number, height: number, ratio: number): void {
    this.ratio = ratio;
    const w = Math.max(1, Math.round(width * ratio));
    const h = Math.max(1, Math.round(height * ratio));
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
  }

  draw(panels: readonly PanelPicture[], colours: ColourScale): void {
    const { gl } = this;
    if (this.lost || gl.isContextLost()) {
      return;
    }
    gl.disable(gl.SCISSOR_TEST);
    gl.disable(gl.BLEND);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.setColours(colours);
    gl.enable(gl.SCISSOR_TEST);
    for (const panel of panels) {
      const r = deviceRect(panel.rect, this.ratio);
      const bottom = this.canvas.height - r.y - r.height;
      gl.viewport(r.x, bottom, r.width, r.height);
      gl.scissor(r.x, bottom, r.width, r.height);
      const { x0, x1, y0, y1 } = panel.view;
      for (const tile of panel.tiles) {
        if (tile.x0 < x1 && tile.x1 > x0 && tile.y0 < y1 && tile.y1 > y0) {
          // Relative to the tile's corner: single precision then holds for millions of cells.
          gl.uniform4f(this.uniforms.u_view, x0 - tile.x0, y0 - tile.y0, x1 - tile.x0, y1 - tile.y0);
          this.drawTile(tile);
        }
      }
    }
  }

  forget(tile: Tile): void {
    const textures = this.textures.get(tile);
    if (textures) {
      this.gl.deleteTexture(textures.value);
      this.gl.deleteTexture(textures.flagged);
      this.textures.delete(tile);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listeners.abort();
    for (const tile of [...this.textures.keys()]) {
      this.forget(tile);
    }
    this.gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  private drawTile(tile: Tile): void {
    const { gl, uniforms } = this;
    // An upload binds: never over the unit of a colour table.
    gl.activeTexture(gl.TEXTURE0);
    const textures = this.textures.get(tile) ?? this.upload(tile);
    gl.uniform2f(uniforms.u_span, tile.x1 - tile.x0, tile.y1 - tile.y0);
    gl.uniform2f(uniforms.u_bin, tile.fx, tile.fy);
    gl.uniform2i(uniforms.u_size, tile.nx, tile.ny);
    gl.bindTexture(gl.TEXTURE_2D, textures.value);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, textures.flagged ?? textures.value);
    gl.uniform1i(uniforms.u_showFlagged, this.showFlagged && textures.flagged ? 1 : 0);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  private upload(tile: Tile): TileTextures {
    const textures: TileTextures = {
      value: this.floatTexture(tile.value, tile.nx, tile.ny),
      flagged: tile.flagged && this.floatTexture(tile.flagged, tile.nx, tile.ny)
    };
    this.textures.set(tile, textures);
    return textures;
  }

  private setColours(colours: ColourScale): void {
    const { gl, uniforms } = this;
    gl.uniform2f(uniforms.u_limits, colours.limits[0], colours.limits[1]);
    const needsCdf = colours.stretch === 'histogram';
    gl.uniform1i(uniforms.u_stretch, needsCdf && !colours.cdf ? 0 : STRETCHES.indexOf(colours.stretch));
    this.showFlagged = colours.showFlagged;
    gl.activeTexture(gl.TEXTURE2);
    if (this.drawnLut !== colours.lut) {
      this.lutTexture = this.replace(this.lutTexture, () => this.colourTexture(colours.lut));
      this.drawnLut = colours.lut;
    }
    gl.bindTexture(gl.TEXTURE_2D, this.lutTexture);
    gl.activeTexture(gl.TEXTURE3);
    if (this.drawnFlaggedLut !== colours.flaggedLut) {
      this.flaggedLutTexture = this.replace(this.flaggedLutTexture, () => this.colourTexture(colours.flaggedLut));
      this.drawnFlaggedLut = colours.flaggedLut;
    }
    gl.bindTexture(gl.TEXTURE_2D, this.flaggedLutTexture);
    gl.activeTexture(gl.TEXTURE4);
    if (this.drawnCdf !== colours.cdf) {
      const cdf = colours.cdf ?? new Float32Array(CDF_SIZE);
      this.cdfTexture = this.replace(this.cdfTexture, () => this.floatTexture(cdf, cdf.length, 1));
      this.drawnCdf = colours.cdf;
    }
    gl.bindTexture(gl.TEXTURE_2D, this.cdfTexture);
  }

  private replace(old: WebGLTexture | null, make: () => WebGLTexture): WebGLTexture {
    this.gl.deleteTexture(old);
    return make();
  }

  private texture(): WebGLTexture {
    const { gl } = this;
    const texture = gl.createTexture()!;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    return texture;
  }

  private floatTexture(values: Float32Array, width: number, height: number): WebGLTexture {
    const { gl } = this;
    const texture = this.texture();
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, width, height, 0, gl.RED, gl.FLOAT, values);
    return texture;
  }

  private colourTexture(table: Uint8Array): WebGLTexture {
    const { gl } = this;
    const texture = this.texture();
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, LUT_SIZE, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
    return texture;
  }

  /** Compiles the program; `false` where the driver refuses. */
  private prepare(): boolean {
    const { gl } = this;
    const program = gl.createProgram();
    if (!program) {
      return false;
    }
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT]
    ] as const) {
      const shader = gl.createShader(type);
      if (!shader) {
        return false;
      }
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      gl.deleteShader(shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      return false;
    }
    gl.useProgram(program);
    for (const name of UNIFORMS) {
      this.uniforms[name] = gl.getUniformLocation(program, name);
    }
    gl.uniform1i(this.uniforms.u_value, 0);
    gl.uniform1i(this.uniforms.u_flagged, 1);
    gl.uniform1i(this.uniforms.u_lut, 2);
    gl.uniform1i(this.uniforms.u_flaggedLut, 3);
    gl.uniform1i(this.uniforms.u_cdf, 4);
    this.lutTexture = null;
    this.flaggedLutTexture = null;
    this.cdfTexture = null;
    return true;
  }
}
