// Package keychain keeps the private keys of this device at rest, and hands
// out a Signer and an Opener: they work with the keys and never give them.
//
// A profile has one file, "keys", written once by Create. It says how the
// secret (the seeds of the signing and the sealing key) is protected:
//
//	OSKeychain  the secret is in the system's keychain (Keychain on macOS,
//	            Credential Manager on Windows, a Secret Service on Linux), the
//	            file only says under which account. Programs that run as the
//	            same user can ask for it as this one does.
//	Passphrase  the secret is in the file, sealed with XChaCha20-Poly1305 under
//	            scrypt (N=2^17, r=8, p=1) of the passphrase.
//	File        the secret is in the file as it is. On Unix the file has mode
//	            0600 and is refused when others may read it; on Windows it
//	            lies in the user's profile folder and inherits its access list,
//	            which lets in the user, administrators and the system. A copy of
//	            the disk gives the keys away, unless the disk is encrypted.
//
// A file that is damaged is an error, told as such: new keys are made only by
// Create and only where there is no file, for a new key would be a new device.
package keychain
