// Lines by WebGL 2: each piece of a path is a quad, all pieces of a series in one call.
import { GAP } from './line-path.ts'

const VERTEX = `#version 300 es
in vec2 a_from;
in vec2 a_to;
uniform vec2 u_size;
uniform float u_half;
void main() {
  vec2 side = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
  if (a_from.x < ${(GAP / 2).toFixed(1)} || a_to.x < ${(GAP / 2).toFixed(1)}) {
    gl_Position = vec4(2.0, 2.0, 0.0, 1.0);
    return;
  }
  vec2 along = a_to - a_from;
  float size = length(along);
  vec2 unit = size > 0.0001 ? along / size : vec2(1.0, 0.0);
  vec2 across = vec2(-unit.y, unit.x);
  vec2 at = mix(a_from - unit * u_half, a_to + unit * u_half, side.x) + across * u_half * (side.y * 2.0 - 1.0);
  vec2 clip = at / u_size * 2.0 - 1.0;
  gl_Position = vec4(clip.x, -clip.y, 0.0, 1.0);
}`

const FRAGMENT = `#version 300 es
precision mediump float;
uniform vec4 u_color;
out vec4 color;
void main() { color = u_color; }`

export interface GlOptions {
  /** Also where WebGL is emulated, which is slower than Canvas 2D. */
  evenIfSlow: boolean
}

export class LineGl {
  private readonly size: WebGLUniformLocation | null
  private readonly half: WebGLUniformLocation | null
  private readonly color: WebGLUniformLocation | null
  private readonly from: number
  private readonly to: number
  private readonly buffer: WebGLBuffer

  private constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly program: WebGLProgram
  ) {
    this.size = gl.getUniformLocation(program, 'u_size')
    this.half = gl.getUniformLocation(program, 'u_half')
    this.color = gl.getUniformLocation(program, 'u_color')
    this.from = gl.getAttribLocation(program, 'a_from')
    this.to = gl.getAttribLocation(program, 'a_to')
    this.buffer = gl.createBuffer()
  }

  /** undefined where there is no WebGL 2, or only one that is slower than what it would replace. */
  static on(canvas: HTMLCanvasElement, options: GlOptions): LineGl | undefined {
    const gl = canvas.getContext('webgl2', {
      antialias: true,
      depth: false,
      powerPreference: 'low-power',
      failIfMajorPerformanceCaveat: !options.evenIfSlow
    })
    if (!gl || (!options.evenIfSlow && isEmulated(gl))) return undefined
    const program = link(gl)
    return program && new LineGl(gl, program)
  }

  get lost(): boolean {
    return this.gl.isContextLost()
  }

  /** Clears. `width`, `height`: of the canvas in CSS pixels. */
  begin(width: number, height: number): void {
    const { gl } = this
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.useProgram(this.program)
    gl.uniform2f(this.size, width, height)
  }

  /** `pixels`: pairs of x and y in CSS pixels, `length` numbers of them. */
  draw(pixels: Float32Array, length: number, color: readonly [number, number, number], thickness: number): void {
    const { gl } = this
    if (length < 4) return
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer)
    gl.bufferData(gl.ARRAY_BUFFER, pixels, gl.STREAM_DRAW, 0, length)
    this.attribute(this.from, 0)
    this.attribute(this.to, 8)
    gl.uniform1f(this.half, thickness / 2)
    gl.uniform4f(this.color, color[0], color[1], color[2], 1)
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, length / 2 - 1)
  }

  dispose(): void {
    this.gl.deleteBuffer(this.buffer)
    this.gl.deleteProgram(this.program)
    this.gl.getExtension('WEBGL_lose_context')?.loseContext()
  }

  private attribute(at: number, offset: number): void {
    this.gl.enableVertexAttribArray(at)
    this.gl.vertexAttribPointer(at, 2, this.gl.FLOAT, false, 8, offset)
    this.gl.vertexAttribDivisor(at, 1)
  }
}

/** Some browsers give an emulated context though asked for none. */
function isEmulated(gl: WebGL2RenderingContext): boolean {
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
  return /swiftshader|llvmpipe|software|basic render/i.test(name)
}

function link(gl: WebGL2RenderingContext): WebGLProgram | undefined {
  const program = gl.createProgram()
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT]
  ] as const) {
    const shader = gl.createShader(kind)
    if (!shader) return undefined
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
  }
  gl.linkProgram(program)
  return gl.getProgramParameter(program, gl.LINK_STATUS) === true ? program : undefined
}

/** A CSS colour in parts of one; `context` knows all ways to write one. */
export function colorParts(context: CanvasRenderingContext2D, color: string): [number, number, number] {
  context.fillStyle = '#000000'
  context.fillStyle = color
  const hex = /^#(..)(..)(..)$/.exec(context.fillStyle)
  if (!hex) return [0.5, 0.5, 0.5]
  return [parseInt(hex[1] ?? '0', 16) / 255, parseInt(hex[2] ?? '0', 16) / 255, parseInt(hex[3] ?? '0', 16) / 255]
}
