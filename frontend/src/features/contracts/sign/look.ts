/** What a signature is to look like, as it was made in the dialog. */
export type Look =
  | { readonly kind: "drawn"; readonly path: string; readonly width: number; readonly height: number }
  | { readonly kind: "typed"; readonly text: string }
  | { readonly kind: "image"; readonly file: File; readonly url: string }
  | { readonly kind: "seal"; readonly sealId: string; readonly svg: string };
