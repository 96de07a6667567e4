/* Files on their way to the server, which takes them in base64. */

export const LARGEST = 5 * 1024 * 1024;

export async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
