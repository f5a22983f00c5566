// Package signers keeps the keys that a person signs documents with: their own, those for seals, and the root of a
// workspace's authority. It signs with them and never gives them: what leaves is a crypto.Signer whose key cannot be
// reached, or a box that only the devices can open which it was handed to (HandOver).
//
// # At rest
//
// A key is one file, <id>.key, mode 0600, in a folder of the profile. What is public stands open in it: kind, algorithm,
// workspace, seal, certificates, and a request for a certificate (PKCS #10) that the key signed when it was made, so that one
// can ask later without unlocking it. The private key (PKCS #8) is in a box under scrypt of the password and, where the
// system's keychain works, a random secret that lies there: then a copied file, or a copied disk, cannot be guessed at. Where
// none works, [Info.Keychain] is false, and the screen says that the password alone protects the key.
//
// Files are replaced whole (package durable): pulling the plug leaves the old one or the new one. The secret in the keychain
// is there before the file that needs it, and goes after it.
//
// # Guessing
//
// One password is tried at a time, however many ask, since a try takes 128 MiB. After five wrong ones in a row each further
// one has to wait, 2 s and then twice as long each time, at most 5 minutes; a right one ends that. This slows who sits at the
// unlocked computer; who copied the file is slowed by scrypt and stopped by the keychain.
package signers
