/**
 * The finding types that may be about a resource that controls judge: those of S3 buckets, of objects in them, and of RDS
 * databases. Any other type leads nowhere: what a new type means is to be read before something acts on it.
 * Source: "GuardDuty active finding types", Amazon GuardDuty User Guide, mid-2026. A type that is retired is dropped here.
 */
export const KNOWN_TYPES: ReadonlySet<string> = new Set([
  'CredentialAccess:RDS/AnomalousBehavior.FailedLogin',
  'CredentialAccess:RDS/AnomalousBehavior.SuccessfulBruteForce',
  'CredentialAccess:RDS/AnomalousBehavior.SuccessfulLogin',
  'CredentialAccess:RDS/MaliciousIPCaller.FailedLogin',
  'CredentialAccess:RDS/MaliciousIPCaller.SuccessfulLogin',
  'CredentialAccess:RDS/TorIPCaller.FailedLogin',
  'CredentialAccess:RDS/TorIPCaller.SuccessfulLogin',
  'Discovery:RDS/MaliciousIPCaller',
  'Discovery:RDS/TorIPCaller',
  'Discovery:S3/AnomalousBehavior',
  'Discovery:S3/MaliciousIPCaller',
  'Discovery:S3/MaliciousIPCaller.Custom',
  'Discovery:S3/TorIPCaller',
  'Exfiltration:S3/AnomalousBehavior',
  'Exfiltration:S3/MaliciousIPCaller',
  'Impact:S3/AnomalousBehavior.Delete',
  'Impact:S3/AnomalousBehavior.Permission',
  'Impact:S3/AnomalousBehavior.Write',
  'Impact:S3/MaliciousIPCaller',
  'Object:S3/MaliciousFile',
  'PenTest:S3/KaliLinux',
  'PenTest:S3/ParrotLinux',
  'PenTest:S3/PentooLinux',
  'Policy:S3/AccountBlockPublicAccessDisabled',
  'Policy:S3/BucketAnonymousAccessGranted',
  'Policy:S3/BucketBlockPublicAccessDisabled',
  'Policy:S3/BucketPublicAccessGranted',
  'Stealth:S3/ServerAccessLoggingDisabled',
  'UnauthorizedAccess:S3/MaliciousIPCaller.Custom',
  'UnauthorizedAccess:S3/TorIPCaller',
]);
