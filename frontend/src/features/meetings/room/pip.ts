/** A small window above other programs, where the browser has one. */
export function canFloat(): boolean {
  return document.pictureInPictureEnabled === true;
}

/** Whoever is large, else the first other person who is seen. */
export async function float(): Promise<void> {
  if (document.pictureInPictureElement) return void (await document.exitPictureInPicture());
  const video = document.querySelector<HTMLVideoElement>("video[data-main]") ?? document.querySelector<HTMLVideoElement>("article video:not([data-mirrored])");
  await video?.requestPictureInPicture().catch(() => {});
}
