/**
 * The citations of the HIPAA Security Rule (45 CFR Part 164, Subpart C) that a control may implement, each with the
 * standard or implementation specification it names. (R) is required, (A) addressable, as the Rule's Appendix A has it.
 * Source: 45 CFR 164.308 to 164.316.
 */
export const HIPAA = {
  '164.308(a)(1)(ii)(A)': 'Risk analysis (R)',
  '164.308(a)(1)(ii)(B)': 'Risk management (R)',
  '164.308(a)(1)(ii)(D)': 'Information system activity review (R)',
  '164.308(a)(3)(i)': 'Workforce security',
  '164.308(a)(3)(ii)(A)': 'Authorization and/or supervision (A)',
  '164.308(a)(3)(ii)(B)': 'Workforce clearance procedure (A)',
  '164.308(a)(3)(ii)(C)': 'Termination procedures (A)',
  '164.308(a)(4)(i)': 'Information access management',
  '164.308(a)(4)(ii)(A)': 'Isolating health care clearinghouse functions (R)',
  '164.308(a)(4)(ii)(B)': 'Access authorization (A)',
  '164.308(a)(4)(ii)(C)': 'Access establishment and modification (A)',
  '164.308(a)(5)(ii)(A)': 'Security reminders (A)',
  '164.308(a)(5)(ii)(B)': 'Protection from malicious software (A)',
  '164.308(a)(5)(ii)(C)': 'Log-in monitoring (A)',
  '164.308(a)(5)(ii)(D)': 'Password management (A)',
  '164.308(a)(6)(i)': 'Security incident procedures',
  '164.308(a)(6)(ii)': 'Response and reporting (R)',
  '164.308(a)(7)(i)': 'Contingency plan',
  '164.308(a)(7)(ii)(A)': 'Data backup plan (R)',
  '164.308(a)(7)(ii)(B)': 'Disaster recovery plan (R)',
  '164.308(a)(7)(ii)(C)': 'Emergency mode operation plan (R)',
  '164.308(a)(8)': 'Evaluation (R)',
  '164.308(b)(1)': 'Business associate contracts and other arrangements',
  '164.310(d)(2)(iv)': 'Data backup and storage (A)',
  '164.312(a)(1)': 'Access control',
  '164.312(a)(2)(i)': 'Unique user identification (R)',
  '164.312(a)(2)(ii)': 'Emergency access procedure (R)',
  '164.312(a)(2)(iv)': 'Encryption and decryption (A)',
  '164.312(b)': 'Audit controls (R)',
  '164.312(c)(1)': 'Integrity',
  '164.312(c)(2)': 'Mechanism to authenticate ePHI (A)',
  '164.312(d)': 'Person or entity authentication (R)',
  '164.312(e)(1)': 'Transmission security',
  '164.312(e)(2)(i)': 'Integrity controls (A)',
  '164.312(e)(2)(ii)': 'Encryption in transit (A)',
  '164.314(a)(1)': 'Business associate contracts or other arrangements',
  '164.314(b)(1)': 'Requirements for group health plans',
  '164.314(b)(2)': 'Group health plan: implementation specifications (R)',
  '164.314(b)(2)(i)': 'Group health plan: safeguards (R)',
  '164.314(b)(2)(ii)': 'Group health plan: adequate separation (R)',
  '164.314(b)(2)(iii)': 'Group health plan: agents (R)',
  '164.314(b)(2)(iv)': 'Group health plan: report security incidents (R)',
  '164.316(b)(2)(i)': 'Documentation: time limit of six years (R)',
} as const;

/** A citation of the Security Rule, without the "45 CFR" in front. */
export type Citation = keyof typeof HIPAA;
