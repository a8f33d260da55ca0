import { isWorld, type Rule } from './rule.ts';

const LAST_PORT = 65_535;

/** The TCP ports a rule covers, both ends included; nothing when it lets no TCP through. EC2 writes -1 for all ports. */
export function tcpPorts({ protocol, from, to }: Rule): { readonly from: number; readonly to: number } | undefined {
  if (protocol === '-1') return { from: 0, to: LAST_PORT };
  if (protocol !== 'tcp') return undefined;
  return { from: Math.max(from, 0), to: to === -1 ? LAST_PORT : to };
}

/** Which of these TCP ports a rule opens to the world. */
export function openedPorts(rule: Rule, ports: readonly number[]): number[] {
  const range = tcpPorts(rule);
  if (rule.direction !== 'ingress' || !range || !isWorld(rule)) return [];
  return ports.filter((port) => range.from <= port && port <= range.to);
}

/**
 * The rules that let through what this one does but for these TCP ports, in the order of their ports. A rule for all
 * protocols becomes rules for TCP, UDP and ICMP: every other protocol is lost.
 */
export function without(rule: Rule, ports: readonly number[]): Rule[] {
  const range = tcpPorts(rule);
  if (!range) return [rule];
  const narrow: Rule[] = [];
  let from = range.from;
  for (const port of [...ports].sort((a, b) => a - b)) {
    if (port < from || port > range.to) continue;
    if (from < port) narrow.push({ ...rule, protocol: 'tcp', from, to: port - 1 });
    from = port + 1;
  }
  if (from <= range.to) narrow.push({ ...rule, protocol: 'tcp', from, to: range.to });
  if (rule.protocol !== '-1') return narrow;
  const icmp = 'cidrIpv6' in rule.peer ? 'icmpv6' : 'icmp';
  return [
    ...narrow,
    { ...rule, protocol: 'udp', from: 0, to: LAST_PORT },
    { ...rule, protocol: icmp, from: -1, to: -1 },
  ];
}
