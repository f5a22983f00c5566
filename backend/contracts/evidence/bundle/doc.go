// Package bundle is the evidence of one contract as files, and the check of it: what a certificate
// of evidence 出证 carries as attachments, and what an export has in a folder. It judges; what makes bundles uses
// the same forms.
//
//	evidence.json     the number of the certificate, the contract, the document's name and hash, and the hashes of the files below
//	policy.json       the logs, whose they are, and the witnesses whom one has to believe
//	proofs.json       for every entry of every log the proof that it is there, with the checkpoint and its cosignatures
//	leaves.txt        the entries as people read them; the same bytes as in the proofs
//	certificates.pem  those of the signers, up to their roots
//	the document      under the name that evidence.json says
//
// [Check] needs nothing else: no network, no profile. It does not know who a key belongs to; policy.json says so,
// and who made the certificate signed that. So it says whom one believes who believes it ([Verdict.Believe]).
package bundle
