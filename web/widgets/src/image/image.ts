// ImageView: the newest image of a column of bytes: PNG, JPEG, WebP, GIF, AVIF or BMP, as the browser reads them.
import { cell, type Batch } from '@weir/engine-client'
import { latestOf } from '../data/latest.ts'
import { Surface } from '../view/surface.ts'
import { WidgetView, type ViewOptions } from '../view/widget-view.ts'

export interface ImageOptions extends ViewOptions {
  /** Absent: the first column of bytes. */
  image?: string
  /** What the image shows, for those who cannot see it; absent: the title. */
  alt?: string
}

export class ImageView extends WidgetView {
  private readonly surface: Surface
  private bitmap: ImageBitmap | undefined
  private next: Uint8Array<ArrayBuffer> | undefined
  private decoding = false
  private gone = false
  private over = false

  constructor(
    private readonly options: ImageOptions,
    page: Document = document
  ) {
    super('image', options, page)
    this.surface = new Surface(page)
    this.surface.canvas.setAttribute('role', 'img')
    this.surface.canvas.setAttribute('aria-label', options.alt ?? options.title)
    this.body.prepend(this.surface.canvas)
  }

  override end(failure?: unknown): void {
    this.over = true
    super.end(failure)
  }

  protected consume(batch: Batch): void {
    if (batch.rows === 0) return
    const fits = (column: { kind: string }): boolean => column.kind === 'bytes'
    const latest = latestOf(batch, this.options.image, fits, 'a column of bytes with images')
    const bytes = latest && cell(latest.column, latest.row)
    if (!(bytes instanceof Uint8Array)) return
    this.next = bytes.slice()
    void this.decode()
  }

  protected isEmpty(): boolean {
    return this.bitmap === undefined
  }

  protected paint(): void {
    const context = this.surface.begin()
    const { bitmap } = this
    if (!context || !bitmap) return
    const { width, height } = this.surface
    const scale = Math.min(width / bitmap.width, height / bitmap.height)
    // Small images in whole pixels: a picture of 8 by 8 is not blurred.
    context.imageSmoothingEnabled = scale < 2
    const [w, h] = [bitmap.width * scale, bitmap.height * scale]
    context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h)
  }

  protected override summarise(): void {
    const { bitmap } = this
    if (!bitmap) return
    const label = `${this.options.alt ?? this.options.title}, ${bitmap.width} by ${bitmap.height} pixels`
    this.surface.canvas.setAttribute('aria-label', label)
  }

  protected override release(): void {
    this.gone = true
    this.bitmap?.close()
    this.bitmap = undefined
  }

  private show(bitmap: ImageBitmap): void {
    this.bitmap?.close()
    this.bitmap = undefined
    if (this.gone) bitmap.close()
    else this.bitmap = bitmap
  }

  /** One at a time; images that come meanwhile are passed over for the newest. */
  private async decode(): Promise<void> {
    if (this.decoding) return
    this.decoding = true
    for (let bytes = this.next; bytes && !this.gone; bytes = this.next) {
      this.next = undefined
      try {
        const bitmap = await createImageBitmap(new Blob([bytes]))
        this.show(bitmap)
        if (this.status.is === 'failed') this.status = { is: this.over ? 'ended' : 'live' }
      } catch {
        this.status = { is: 'failed', why: `Not an image: it begins with ${beginning(bytes)}.` }
      }
      this.changed()
    }
    this.decoding = false
  }
}

function beginning(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'))
  return shown.length === 0 ? 'nothing (no bytes)' : `the bytes ${shown.join(' ')}`
}
