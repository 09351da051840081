/**
 * Crops the middle of an image to a square of `size` pixels, as WebP (PNG in browsers that cannot encode WebP).
 * Throws if the browser cannot decode the file.
 */
export async function cropToSquare(file: Blob, size: number): Promise<Blob> {
  const image = await createImageBitmap(file).catch(() => {
    throw new Error('This file cannot be read as an image. Choose a PNG, JPEG or WebP.')
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
