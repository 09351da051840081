/**
 * The middle of an image file as a square of `size` pixels, in WebP (PNG where the browser cannot write WebP).
 * Throws when the file is no image that the browser can read.
 */
export async function cropToSquare(file: Blob, size: number): Promise<Blob> {
  const image = await createImageBitmap(file).catch(() => {
    throw new Error('This file is not an image that can be read. Choose a PNG, JPEG or WebP.')
  })
  const side = Math.min(image.width, image.height)
  const canvas = document.createElement('canvas')
  canvas.width = size
  canvas.height = size
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser cannot edit images.')
  context.imageSmoothingQuality = 'high'
  context.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, size, size)
  image.close()
  return await new Promise((resolve, reject) => {
    canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('The image could not be converted.'))), 'image/webp', 0.9)
  })
}
