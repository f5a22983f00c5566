// Package verify says of a PDF file who signed what, whether that was changed, and what was
// added afterwards. It shares nothing with the code that signs but the reader of files (package
// pdf) and of signed data (package cms), so that a fault of the signer is not a fault of the judge.
//
// A signature covers the file as it was when it was made, and a file may grow afterwards. Common
// readers call such a file valid whatever was added. So every signature's version of the file is
// opened by itself and compared, object by object, with the file as it is now. What may come
// after a signature is a short list (further signatures, their evidence and time stamps, and what
// a form is for); everything else is named in plain words with its page: [Change]. The attacks this is
// made against are in "Shadow Attacks: Hiding and Replacing Content in Signed PDFs" (NDSS 2021)
// and "How to Spoof PDF Signatures" (CCS 2019).
//
// Whether a certificate is trusted is a question of whom one trusts; [Trust] says so. A time is trusted only if
// an authority stamped it; the signer's clock is shown as what somebody said.
package verify
