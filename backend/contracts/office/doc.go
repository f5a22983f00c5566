// Package office is a workspace's authority and its register of seals: who vouches for whose signing key, and who may apply which
// seal (decision 0048).
//
// # The authority (content lane of the workspace's space)
//
//	office.founded     {root}                      an owner; the first by stamp counts
//	office.asked       {request, name, …, seal}    any member, of itself: the request (PKCS #10) is signed by the key and names the person
//	office.issued      {request, certificate, how} counts if the root signed it, whoever says so
//	office.refused     {request, reason}           an owner; a certificate that was issued beats it
//	office.listed      {list}                      counts if the root signed it; what any list names stays revoked
//	office.handed      {to, root, boxes}           an owner who has the root's key, sealed for the devices of another owner
//	office.taken       {root}                      who has it now, says so
//	office.seal_named  {seal, name, kind}          an owner: so that members without a right can ask for the seal
//
// An owner is who ever was one: which role somebody had at a moment of the past depends on whom one asks. Nothing rests on it but
// the founding. Two foundings at once: the earlier counts on all devices, and what the other root signed does not.
//
// # The register (content lane of a space of kind register)
//
//	seals.made   {name, kind, drawing}    an owner of the workspace, who manages it from then on; the seal's ID is the event's
//	seals.right  {seal, person, rights}   who manages it
//	seals.ended  {seal, lost or revoked}  who manages it; the first counts, for good
//	seals.used   {seal, contract, …}      who may use it, or could
//
// Events are judged one after another in the order (stamp, device, feed, sequence), by the rights that those before them gave, so
// every device judges alike whatever came first (TestAnyOrderSameRights). A stamp can be made up by whoever wrote it. So, as with removals from a space, who takes
// the right to manage away names the last sequence of each feed of that person that was seen: what lies beyond does not count, however
// early it claims to be. And nobody takes it from somebody who is nearer to the maker than oneself.
//
// Members of a register are those with a right to one of its seals, and who has the root, since that person has to see what was
// granted before a certificate is issued. Owners who make seals apart from each other make two registers; both hold.
//
// # What is decided where
//
// The tables hold what was said; what counts is worked out when it is asked (view.go, rights.go), a pure function of all that was said,
// the members, and nothing else. Certificates and lists are checked against the root then.
//
// The right to a seal is its certificate: Unlock and SealFor refuse a key whose certificate is not valid, a seal that ended, and a
// person whose right was taken away, also before the certificate is revoked. The judge (package verify) sees certificates and lists.
package office
