/** A server cannot be had on this machine: no Java, no Maven, no download. Not a server that was had and failed. */
export class Unavailable extends Error {}
