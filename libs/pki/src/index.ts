export {
  authorityNames,
  ensureAuthorities,
  loadIssuer,
  makeIntermediate,
  makeRoot,
  readAuthority,
  writeAuthority,
} from './authorities.ts';
export type { Authorities } from './authorities.ts';
export { ensurePki } from './ensure-pki.ts';
export type { EnsurePkiOptions } from './ensure-pki.ts';
export { CLOSED, exclusively, handOver, makeFolder, PASSAGE, PRIVATE, PUBLIC, writeWhole } from './files.ts';
export type { Owner } from './files.ts';
export { intermediatePath, nextRootPath, revocationListFile, rootPath, trustFile } from './home-layout.ts';
export { noteIssued, readIssued } from './issued-by-hand.ts';
export type { IssuedByHand } from './issued-by-hand.ts';
export { leafState, lifetime } from './leaves.ts';
export { holderOf, lifeOf, purposeOf, readPkiList } from './pki-list.ts';
export type { AuthorityName, ListedLeaf, PkiList } from './pki-list.ts';
export { asksForSameNames, decideEnrolment, enrolledLeaves, participantOf, PolicyRefused } from './policy.ts';
export type { NamedLeaf, PolicyReason } from './policy.ts';
export { nextListNumber } from './revocation-lists.ts';
export { statusTable } from './status.ts';
export { makeSuccessor, nextRootFile, retireRoot } from './successor.ts';
export type { RotationKind } from './successor.ts';
