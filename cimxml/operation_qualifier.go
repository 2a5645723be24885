package cimxml

import (
	"context"
	"iter"

	"github.com/cimwatch/cimwatch/cim"
)

// EnumerateQualifiers yields the qualifier types of a namespace.
func (c *Client) EnumerateQualifiers(ctx context.Context, namespace string) iter.Seq2[*cim.QualifierType, error] {
	return stream(ctx, c, c.request("EnumerateQualifiers", namespace), (*decoder).resultQualifierType)
}

// GetQualifier returns a qualifier type.
func (c *Client) GetQualifier(ctx context.Context, namespace, name string) (*cim.QualifierType, error) {
	req := c.request("GetQualifier", namespace, cim.Param("QualifierName", cim.String(name)))
	return single(ctx, c, req, true, (*decoder).resultQualifierType)
}

// SetQualifier creates or replaces a qualifier type. It is never sent twice.
func (c *Client) SetQualifier(ctx context.Context, namespace string, q *cim.QualifierType) error {
	req := c.request("SetQualifier", namespace)
	req.Declaration = q
	return c.nothing(ctx, req)
}

// DeleteQualifier deletes a qualifier type. It is never sent twice.
func (c *Client) DeleteQualifier(ctx context.Context, namespace, name string) error {
	return c.nothing(ctx, c.request("DeleteQualifier", namespace, cim.Param("QualifierName", cim.String(name))))
}

func (d *decoder) resultQualifierType() *cim.QualifierType {
	if d.name != "QUALIFIER.DECLARATION" {
		d.unexpected("QUALIFIER.DECLARATION")
		return nil
	}
	return d.qualifierType()
}
